"""The edge: HTTP in, status out."""
