"""Vector layers and drawings of any format: read, told what they are, refused where unsafe."""
