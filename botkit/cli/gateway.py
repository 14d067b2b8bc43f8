"""`botkit gateway`: the Messaging API as a process of its own."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from botkit.cli.options import bots_argument, config_option, settings
from botkit.errors import ConfigError

if TYPE_CHECKING:
    from botkit.config import Config


@click.command()
@bots_argument
@config_option
@click.option("--host", help="The address to listen on (127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), help="The port to listen on (8080); 0 lets the system choose.")
@click.option("--show-key", is_flag=True, help="Print the API key and nothing else, and end.")
def command(
    bots: tuple[str, ...], config_file: Path | None, host: str | None, port: int | None, *, show_key: bool
) -> None:
    """Run the Messaging API as a process of its own.

    It serves a web chat for each bot, and simulated phones on their other channels. Point `botkit run` to it with
    `api: {url: http://127.0.0.1:8080/api, key: …}` in config.yaml.
    """
    config = settings(config_file, bots, host=host, port=port)
    if show_key:
        click.echo(_key(config))
        return

    from botkit import logs  # noqa: PLC0415 (imports wait until the configuration is right)
    from botkit.cli.serving import serve  # noqa: PLC0415
    from botkit.gateway_app import GatewayApp  # noqa: PLC0415
    from botkit.project import load_project  # noqa: PLC0415

    logs.set_up(config.log.level, texts=config.log.texts)
    app = GatewayApp(config, load_project(config))

    def announce() -> None:
        click.echo(f"The Messaging API is served on {app.url}/api, the web chat on {app.url}/. Ctrl-C stops.")
        if not config.api.key.get_secret_value():
            option = f" --config {config_file}" if config_file else ""
            click.echo(f"Its key is printed by: botkit gateway --show-key{option}")

    serve(app, announce)


def _key(config: Config) -> str:
    """The key that the configuration sets, else that in the gateway's file."""
    from botkit.gateway.gateway import stored_key  # noqa: PLC0415 (imports wait until the configuration is right)

    path = config.store_path(config.gateway)
    if given := config.api.key.get_secret_value():
        return given
    if path is None:
        raise ConfigError(
            "A gateway in memory has another key each time. Set api.key, or gateway: sqlite:///gateway.db."
        )
    return asyncio.run(stored_key(path))
