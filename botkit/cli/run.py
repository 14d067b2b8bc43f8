"""`botkit run`: the server."""

from __future__ import annotations

import logging
import time
from pathlib import Path

import click

from botkit import __version__
from botkit.cli.options import bots_argument, config_option, settings

log = logging.getLogger("botkit.run")


@click.command()
@bots_argument
@config_option
@click.option("--host", help="The address to listen on (127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), help="The port to listen on (8080); 0 lets the system choose.")
@click.option(
    "--role",
    type=click.Choice(["all", "web", "worker"]),
    default="all",
    help="With PostgreSQL: only accept webhooks, or only answer and send.",
)
def command(bots: tuple[str, ...], config_file: Path | None, host: str | None, port: int | None, role: str) -> None:
    """Answer messages: start the server, and with it the web chat.

    Without BOT.yaml, the bots are those of config.yaml, else the samples. Ctrl-C stops; what is in hand is finished.
    """
    began = time.perf_counter()
    config = settings(config_file, bots, host=host, port=port)

    from botkit import logs  # noqa: PLC0415 (imports wait until the configuration is right)
    from botkit.app import App, Role, check_hosted  # noqa: PLC0415
    from botkit.cli.main import show  # noqa: PLC0415
    from botkit.cli.reloading import Reloading  # noqa: PLC0415
    from botkit.cli.serving import serve  # noqa: PLC0415
    from botkit.metrics import make_meter  # noqa: PLC0415
    from botkit.project import load_project  # noqa: PLC0415

    logs.set_up(config.log.level, texts=config.log.texts)
    check_hosted(config)
    meter = make_meter()
    project = load_project(config, meter=meter)
    for warning in project.warnings:
        log.warning(str(warning))
    app = App(config, project, Role(role), meter, is_patient=True)

    def announce() -> None:
        click.echo(f"botkit {__version__}, ready in {time.perf_counter() - began:.1f} s. Ctrl-C stops.\n")
        for ready in project.bots.values():
            channels = [channel for channel in app.channels.values() if ready.bot.name in app.bots_of(channel.id)]
            names = ", ".join(f"{item.type}{' (simulated)' if item.simulated else ''}" for item in channels)
            click.echo(f"  {ready.bot.name:<12} {names or 'no channel'}")
        click.echo(f"\n  Chat: {app.url}/\n" if app.gateway else f"\n  Messaging API: {config.api.url}\n")
        if not project.models:
            click.echo("  No model is configured: set OPENAI_API_KEY, and one answers what the bots do not.\n")
        log.info("ready", extra={"url": app.url, "bots": len(project.bots), "channels": len(app.channels)})

    reloading = Reloading(app, project, show, watches=config.reload)
    serve(app, announce, reloading.run)
