"""`botkit handoff`: who has a conversation, beside a running server and without one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from botkit.cli.handoff import facts_of, facts_of_note, line_of, line_of_note
from botkit.dialogue.contact import Contact
from botkit.dialogue.event import MessageReceived, MessageSent
from botkit.dialogue.handoff import Note
from botkit.dialogue.settle import Saying, Settled
from botkit.dialogue.state import State
from botkit.dialogue.turn import Line
from botkit.ledger import Arrival, HandedOver, NoteKept, Outcome
from botkit.protocols import Store
from botkit.stores.sqlite import SqliteStore
from tests.acceptance.conftest import Sandbox
from tests.cli.command import botkit
from tests.processes import Process, eventually

AT = 1_760_000_000.0
ANA = Contact("channel-1", "conversation-7788", name="Ana Ruiz", phone="+34600111222")
NOTE = Note("Complaint, room 305", "desk", True, {"room": 305}, "complaint", (Line("contact", "It is noisy", AT),))
HANDED = HandedOver("hotel", ANA, AT, AT + 3600, NOTE)
KEPT = NoteKept(3, "hotel", ANA, NOTE, AT, "failed", "404", 2)


@pytest.fixture
def server(folder: Path) -> Iterator[Process]:
    """`botkit run` with its own gateway."""
    (folder / "config.yaml").write_text("bots: [bots/shop.yaml]\n")
    with Process("botkit", "run", folder=folder) as process:
        yield process


def in_store(folder: Path, work: Callable[[Store], Awaitable[object]]) -> None:
    """Do something with a store that no server has."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Store]:
        store = SqliteStore(folder / "botkit.db")
        await store.open()
        yield store
        await store.close()

    async def run() -> None:
        async with opened() as store:
            await work(store)

    asyncio.run(run())


async def remember(store: Store) -> None:
    """Ana has written to the shop, and its answer has not gone yet; the team is to know something."""
    await store.accept([Arrival(MessageReceived("channel-1", "ana", "m1", text="hello", name="Ana"), "shop", AT)])
    (claim,) = await store.claim(1, AT)
    settled = Settled(State(), (Saying("Hello!", "en", {}),), "en", muted=False, notes=(Note("Call Ana"),))
    await store.commit(claim, Outcome(AT, (), settled, {}))


# ─── how it is shown ───


def test_a_conversation_is_shown_with_its_times_and_its_note() -> None:
    line = line_of(HANDED)
    assert line.startswith("conversation-7788  hotel  Ana Ruiz  since 2025-10-")
    assert line.endswith("'Complaint, room 305'")
    assert " until " in line
    assert " until " not in line_of(replace(HANDED, until=None, note=None))
    assert facts_of(HANDED)["note"] == "Complaint, room 305"
    assert facts_of(replace(HANDED, note=None))["note"] is None


def test_a_note_is_shown_with_its_team_and_why_it_is_still_here() -> None:
    assert line_of_note(KEPT).endswith("to desk, failed: 404  'Complaint, room 305'")
    assert "to nobody named, kept  " in line_of_note(replace(KEPT, status="kept", reason="", note=Note("Call")))
    facts = facts_of_note(KEPT)
    assert (facts["slots"], facts["transcript"][0]["text"], facts["phone"]) == ({"room": 305}, "It is noisy", ANA.phone)


# ─── without a server ───


def test_a_conversation_is_taken_listed_and_given_back(folder: Path) -> None:
    in_store(folder, remember)
    taken = botkit(folder, "handoff", "take", "ana", "--for", "2h")
    assert taken.status == 0
    assert taken.out.startswith("The conversation is yours until ")
    listed = botkit(folder, "handoff", "list")
    assert listed.out.startswith("ana  shop  Ana  since ")
    assert "to nobody named, waiting  'Call Ana'" in listed.out
    assert "superseded: a person has taken the conversation over" in botkit(folder, "outbox", "list").out
    assert botkit(folder, "handoff", "back", "ana").out == "The bot shop has the conversation again.\n"
    again = botkit(folder, "handoff", "back", "ana")
    assert (again.status, again.sentence) == (1, "The bot shop has the conversation; no person does.")
    assert botkit(folder, "handoff", "list").out.startswith("No person has a conversation.\n")


def test_for_programs_everything_is_told(folder: Path) -> None:
    in_store(folder, remember)
    in_store(folder, lambda store: store.accept([Arrival(MessageSent("channel-1", "ana", "p1", "Eva"), "shop", AT)]))
    told = json.loads(botkit(folder, "handoff", "list", "--json").out)
    assert [(item["conversation"], item["bot"]) for item in told["conversations"]] == [("ana", "shop")]
    assert [(item["note"], item["status"]) for item in told["notes"]] == [("Call Ana", "waiting")]


def test_where_there_is_no_store_nobody_has_anything(folder: Path) -> None:
    assert botkit(folder, "handoff", "list").out == "No person has a conversation.\n"
    for action in ("take", "back"):
        ended = botkit(folder, "handoff", action, "ana")
        assert ended.status == 1
        assert ended.sentence.startswith("There is no store at botkit.db")
    assert not list(folder.glob("*.db*"))


@pytest.mark.parametrize(
    ("arguments", "status", "problem"),
    [
        (["take", "bea"], 1, "Nobody has written in a conversation 'bea'."),
        (["take", "ana", "--bot", "shopp"], 1, "The bot 'shopp' does not talk in 'ana'. Did you mean 'shop'?"),
        (["take", "ana", "--for", "soon"], 2, "'soon' is no length of time. Write it as in 30m, 8h or 2d."),
        (["back"], 2, "Missing argument"),
    ],
)
def test_what_cannot_be_done_is_said(folder: Path, arguments: list[str], status: int, problem: str) -> None:
    in_store(folder, remember)
    ended = botkit(folder, "handoff", *arguments)
    assert ended.status == status
    assert problem in ended.err


# ─── beside a running server ───


def test_the_bot_is_silent_until_it_is_handed_back_and_says_so(server: Process, folder: Path) -> None:
    sandbox = Sandbox(server)
    conversation = sandbox.write("thanks")
    eventually(lambda: len(sandbox.sent(conversation)) == 1, "the bot answers")
    assert botkit(folder, "handoff", "take", conversation).status == 0
    sandbox.write("hello?")
    assert botkit(folder, "send", conversation, "Eva here.").out == "sent\n"
    assert sandbox.sent(conversation)[1:] == ["Eva here."]
    assert botkit(folder, "handoff", "back", conversation).status == 0
    eventually(lambda: len(sandbox.sent(conversation)) == 3, "the bot says that it is back")


def test_an_operator_may_take_over_with_what_is_said(server: Process, folder: Path) -> None:
    sandbox = Sandbox(server)
    conversation = sandbox.write("thanks")
    eventually(lambda: len(sandbox.sent(conversation)) == 1, "the bot answers")
    assert botkit(folder, "send", conversation, "Eva here.", "--as-person").out == "sent\n"
    assert botkit(folder, "handoff", "list").out.startswith(f"{conversation}  shop  Ana  since ")
