"""What a map shows, said once, before anything is drawn."""
