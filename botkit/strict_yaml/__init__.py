"""YAML, read strictly: what is written is what is meant, and every value knows its line and column."""
