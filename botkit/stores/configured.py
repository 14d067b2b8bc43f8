"""The store that a configuration names."""

from __future__ import annotations

from botkit.config import POSTGRESQL, Config
from botkit.errors import ConfigError
from botkit.protocols import Store
from botkit.stores.sqlite import SqliteStore


def store_of(config: Config, *, owner: bool = True) -> Store:
    """The store, not yet opened. Of an SQLite file only its owner answers and sends; others look and put events in."""
    if config.store_kind != POSTGRESQL:
        return SqliteStore(config.store_path(config.store), owner=owner)
    try:
        from botkit.stores.postgres import PostgresStore  # noqa: PLC0415 (an extra, and slow to import)
    except ImportError as error:
        remedy = "pip install 'botkit[postgres]'"
        raise ConfigError(f"PostgreSQL needs the extra `postgres`, which is not installed: {remedy}.") from error
    return PostgresStore(config.store)
