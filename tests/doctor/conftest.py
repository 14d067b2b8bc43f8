"""What tests of the doctor share with those of the client: retries that do not wait."""

from __future__ import annotations

from tests.messaging.conftest import at_once

__all__ = ["at_once"]
