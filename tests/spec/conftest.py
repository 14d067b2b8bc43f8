"""Where bot files are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.spec.written import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts/concierge.md.j2").write_text("Hello {{ contact.first_name }}.")
    (tmp_path / "pool.md").write_text("## Is there a pool?\n\nOn the roof.\n")
    return Desk(tmp_path)
