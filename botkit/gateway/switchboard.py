"""Who is listening: pushes what happens in a conversation to the web chats that are open on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

Listener = Callable[[Mapping[str, Any]], None]


class Switchboard:
    """Listeners by conversation. A listener must not block."""

    def __init__(self) -> None:
        """Begin without listeners."""
        self._listeners: defaultdict[str, set[Listener]] = defaultdict(set)

    @contextmanager
    def listening(self, conversation: str, listener: Listener) -> Iterator[None]:
        """Tell a listener what happens, as long as this lasts."""
        self._listeners[conversation].add(listener)
        try:
            yield
        finally:
            self._listeners[conversation].discard(listener)
            if not self._listeners[conversation]:
                del self._listeners[conversation]

    def has_listeners(self, conversation: str) -> bool:
        """Whether anybody listens."""
        return conversation in self._listeners

    def tell(self, conversation: str, happening: Mapping[str, Any]) -> None:
        """Tell the listeners of a conversation."""
        for listener in tuple(self._listeners.get(conversation, ())):
            listener(happening)
