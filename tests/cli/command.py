"""The commands as a user has them: real processes, with what they print and how they end."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.processes import PATIENCE, environment


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    status: int
    out: str
    err: str

    @property
    def sentences(self) -> list[str]:
        """The lines that it says to who must act, without what it shows of files."""
        return [line for line in self.err.splitlines() if not line.startswith("    ")]

    @property
    def sentence(self) -> str:
        """The one line that it says to who must act."""
        (line,) = self.sentences
        return line


def botkit(folder: Path, *arguments: str | bytes | Path, said: str | bytes = "") -> Ended:
    """Run a command in a folder, with something piped into it."""
    ended = subprocess.run(
        [sys.executable, "-m", "botkit", *arguments],
        cwd=folder,
        env=environment(),
        input=said.encode() if isinstance(said, str) else said,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout.decode(errors="replace"), ended.stderr.decode())
