"""`botkit schema`: what editors complete bot files with."""

from __future__ import annotations

import json

import click


@click.command()
def command() -> None:
    """Print the JSON Schema of bot files, for editors.

    A bot file names it in its first line: # yaml-language-server: $schema=PATH
    """
    from botkit.spec.schema import json_schema  # noqa: PLC0415 (pydantic waits until it is needed)

    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
