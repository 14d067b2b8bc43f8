"""`botkit gateway`: the Messaging API as a process of its own."""

from __future__ import annotations

from pathlib import Path

import click

from botkit.cli.options import bots_argument, config_option, settings


@click.command()
@bots_argument
@config_option
@click.option("--host", help="The address to listen on (127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), help="The port to listen on (8080); 0 lets the system choose.")
@click.option("--show-key", is_flag=True, help="Print the API key, which is otherwise never shown.")
def command(
    bots: tuple[str, ...], config_file: Path | None, host: str | None, port: int | None, *, show_key: bool
) -> None:
    """Run the Messaging API as a process of its own.

    It serves a web chat for each bot, and simulated phones on their other channels. Point `botkit run` to it with
    `api: {url: http://127.0.0.1:8080/api, key: …}` in config.yaml.
    """
    config = settings(config_file, bots, host=host, port=port)

    from botkit import logs  # noqa: PLC0415 (imports wait until the configuration is right)
    from botkit.app import GatewayApp  # noqa: PLC0415
    from botkit.cli.serving import serve  # noqa: PLC0415
    from botkit.project import load_project  # noqa: PLC0415

    logs.set_up(config.log.level, texts=config.log.texts)
    app = GatewayApp(config, load_project(config))

    def announce() -> None:
        click.echo(f"The Messaging API is served on {app.url}/api, the web chat on {app.url}/. Ctrl-C stops.")
        click.echo(f"Key: {app.gateway.key}" if show_key else "The key: botkit gateway --show-key.")

    serve(app, announce)
