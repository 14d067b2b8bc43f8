"""The user's Python: a router of handlers, and what they are given."""
