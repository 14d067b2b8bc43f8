"""`botkit schema`: what editors complete bot files with."""

from __future__ import annotations

import json

import click


@click.command()
@click.option("--reference", is_flag=True, help="Print docs/reference.md instead: every key, for people.")
def command(*, reference: bool) -> None:
    """Print the JSON Schema of bot files, for editors.

    A bot file names it in its first line: # yaml-language-server: $schema=PATH
    """
    if reference:
        from botkit.spec import reference as page  # noqa: PLC0415 (pydantic waits until it is needed)

        click.echo(page.reference(), nl=False)
        return
    from botkit.spec.json_schema import json_schema  # noqa: PLC0415 (pydantic waits until it is needed)

    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
