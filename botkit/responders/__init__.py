"""What to say when no intent and no handler has an answer."""
