"""Text → a typed value, or what is wrong with it."""
