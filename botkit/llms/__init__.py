"""Models over the wire."""
