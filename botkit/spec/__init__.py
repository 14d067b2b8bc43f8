"""A bot, declared: the schema of its file, the loader, and what is checked before a port opens."""
