"""Responders by name: those that packages offer as entry points, and `module:Class` of packages that are trusted."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection
from importlib.metadata import entry_points
from typing import Any

from botkit.errors import ConfigError, nearest
from botkit.protocols import Responder

RESPONDERS = "botkit.responders"
"""The group of entry points. Each names a class that is called with the options of the bot file."""

BUILT_IN = ("llm", "knowledge")


def responder_class(name: str, packages: Collection[str]) -> Callable[..., Responder]:
    """The class of a responder that is not built in; `packages` are those that the configuration trusts.

    Raises `ConfigError` for an unknown name, an import that fails, and a module of a package that is not trusted.
    """
    if ":" in name:
        return _from_module(name, packages)
    offered = {point.name: point for point in entry_points(group=RESPONDERS)}
    if name not in offered:
        raise ConfigError(f"There is no responder {name!r}. {nearest(name, [*BUILT_IN, *offered])}")
    return _imported(name, offered[name].load)


def _from_module(name: str, packages: Collection[str]) -> Callable[..., Responder]:
    module, _, attribute = name.partition(":")
    package = module.partition(".")[0]
    if package not in packages:
        raise ConfigError(
            f"The responder {name!r} is in a package that config.yaml does not name. Add plugins: [{package}]."
        )
    return _imported(name, lambda: getattr(importlib.import_module(module), attribute))


def _imported(name: str, load: Callable[[], Any]) -> Callable[..., Responder]:
    try:
        loaded: Callable[..., Responder] = load()
    except Exception as error:
        raise ConfigError(f"The responder {name!r} cannot be imported: {type(error).__name__}: {error}.") from error
    return loaded
