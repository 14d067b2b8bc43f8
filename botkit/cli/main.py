"""`botkit`: its commands are imported when they are used, so that `--help` is instant."""

from __future__ import annotations

import gc
import sys
from collections.abc import Mapping
from importlib import import_module

import click

from botkit import __version__
from botkit.errors import BotkitError, ConfigError

_COMMANDS: Mapping[str, str] = {
    "run": "Answer messages: start the server, and with it the web chat.",
    "chat": "Talk to a bot in this terminal.",
    "check": "Say what is wrong with the bots, without running them.",
    "new": "Write a small bot that runs.",
    "prompt": "Show what a model would be sent for a message.",
    "send": "Say something to a contact, by the rules of window and template.",
    "outbox": "Look at what was said, and send again what did not go.",
    "handoff": "Show the conversations that people have; take over, give back.",
    "explain": "Tell what became of a message, and why.",
    "doctor": "Say whether everything is there that the bots need.",
    "gateway": "Run the Messaging API as a process of its own.",
    "schema": "Print the JSON Schema of bot files, for editors.",
}


class Commands(click.Group):
    """Knows the commands without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which one meets them."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(f"botkit.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List them without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest command for one that does not exist."""
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            from botkit.errors import nearest  # noqa: PLC0415

            ctx.fail(f"There is no command {args[0]!r}. {nearest(args[0], _COMMANDS)}")
        return super().resolve_command(ctx, args)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "-V", "--version", message="botkit %(version)s")
def botkit() -> None:
    """AI chatbots on WhatsApp, Instagram, Messenger and web chat.

    Begin with `botkit run`, in a folder with bots; `botkit new` makes one.
    """


def show(error: ConfigError) -> None:
    """Print everything that is wrong."""
    from botkit.cli import showing  # noqa: PLC0415 (only what fails needs it)
    from botkit.diagnosis import Diagnosis  # noqa: PLC0415

    showing.show(Diagnosis(error.problems, error.warnings))


def main() -> None:
    """Run the command line; what an operator can mend is a sentence, not a traceback."""
    gc.disable()  # imports make many objects and no garbage; what stays open enables it again (serving, chat)
    try:
        botkit(prog_name="botkit")
    except ConfigError as error:
        show(error)
        sys.exit(2)
    except BotkitError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
