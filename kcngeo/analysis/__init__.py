"""Floor 3: one file a question; they do not import each other."""
