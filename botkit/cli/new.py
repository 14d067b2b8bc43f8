"""`botkit new`: a small bot to begin with."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import click

from botkit.config import Config
from botkit.errors import BotkitError, ConfigError

_FILES = {
    "bot.yaml": "bots/{name}.yaml",
    "bot.py": "bots/{name}.py",
    "questions.md": "bots/knowledge/{name}.md",
    "config.yaml": "config.yaml",
}


@click.command()
@click.argument("name")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), default=Path(), help="Where to write it.")
def command(name: str, folder: Path) -> None:
    """Write a small bot that runs: bots/NAME.yaml, its Python, its knowledge, and config.yaml if there is none."""
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,63}", name):
        raise ConfigError(f"{name!r} is no name for a bot. Write lower-case letters, digits and _, as in my_shop.")
    written = {source: folder / target.format(name=name) for source, target in _FILES.items()}
    has_config = written["config.yaml"].exists()
    if has_config:
        del written["config.yaml"]
    if existing := [path for path in written.values() if path.exists()]:
        raise BotkitError(f"{existing[0]} exists already. Choose another name, or move it away.")
    beside = [file for file in Config().bots if (folder / file).is_file()]
    for source, path in written.items():
        sample = (files("botkit.cli") / "new_bot" / source).read_text(encoding="utf-8")
        _write(path, sample.replace("BOTS", ", ".join([*beside, f"bots/{name}.yaml"])).replace("NAME", name))
    schema = folder / "bots/bot.schema.json"
    if not schema.exists():
        _write(schema, (files("botkit.spec") / schema.name).read_text(encoding="utf-8"))
    bot = written["bot.yaml"]
    if has_config:
        click.echo(f"\nRun it: botkit run {bot}\nTo have it run with the others, add it to bots: in config.yaml.")
    else:
        others = f" (with {', '.join(Path(file).stem for file in beside)})" if beside else ""
        click.echo(f"\nRun it{others}: {'' if folder == Path() else f'cd {folder} && '}botkit run")


def _write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    click.echo(f"wrote {path}")
