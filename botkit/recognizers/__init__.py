"""Which intent is meant: by patterns, by keywords, by likeness to examples."""
