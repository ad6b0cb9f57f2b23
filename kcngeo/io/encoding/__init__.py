"""Text as it arrives: legacy Vietnamese encodings told and repaired."""
