"""Run a command in this clone's own environment, `.venv`, which is made and kept up to date on the way.

    python3 -m botkit.venv botkit run
    python3 -m botkit.venv pytest

Only the standard library is used here, and only what old Pythons know: this file runs before anything is installed.
"""

import hashlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
FOLDER = Path(__file__).resolve().parent.parent
ENVIRONMENT = FOLDER / ".venv"
PROGRAMS = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
MADE_FROM = ENVIRONMENT / "made-from"


def what_is_missing() -> str:
    """What this machine lacks, in a sentence with the remedy; empty when it has everything."""
    found = ".".join(map(str, sys.version_info[:2]))
    if sys.version_info < OLDEST:
        return f"botkit needs Python {OLDEST[0]}.{OLDEST[1]} or newer and this is {found}: run it with a newer python3."
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        remedy = f"on Debian or Ubuntu, sudo apt install python{found}-venv"
        return f"This Python cannot make environments, because it lacks ensurepip: {remedy}."
    if not (FOLDER / "pyproject.toml").is_file():
        return "This is for clones of botkit; where botkit is installed, just run botkit."
    return ""


def install(extra: str) -> None:
    """Make the environment, and install botkit with an extra, unless that was done from the same pyproject.toml."""
    wanted = f"{extra} {hashlib.sha256((FOLDER / 'pyproject.toml').read_bytes()).hexdigest()}"
    if MADE_FROM.is_file() and wanted in MADE_FROM.read_text().splitlines():
        return
    sys.stderr.write(f"Installing botkit into {ENVIRONMENT.name}, which takes a minute …\n")
    sys.stderr.flush()
    subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
    pip = [str(PROGRAMS / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--editable", f"{FOLDER}{extra}"], check=True)
    made = MADE_FROM.read_text() if MADE_FROM.is_file() else ""
    MADE_FROM.write_text(f"{made}{wanted}\n")


def main() -> None:
    """Install what the command needs (developers' tools for all but botkit itself), and become the command."""
    if not sys.argv[1:]:
        sys.exit("Name a command, as in: python3 -m botkit.venv botkit run")
    if missing := what_is_missing():
        sys.exit(missing)
    command, *arguments = sys.argv[1:]
    try:
        install("" if command == "botkit" else "[dev]")
    except subprocess.CalledProcessError as error:
        sys.exit(f"Installing failed ({' '.join(map(str, error.cmd[1:4]))}, status {error.returncode}): see above.")
    program = PROGRAMS / command
    os.environ["PATH"] = os.pathsep.join([str(PROGRAMS), os.environ.get("PATH", "")])
    if os.name == "nt":
        sys.exit(subprocess.run([str(program), *arguments], check=False).returncode)
    if not program.exists():
        sys.exit(f"There is no command {command!r} in {PROGRAMS}.")
    os.execv(program, [str(program), *arguments])


if __name__ == "__main__":
    main()
