"""`botkit outbox`: how rows are shown, and what becomes of those that did not go."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from botkit.cli.looking import code_of, facts_of, in_words, masked, state_of
from botkit.cli.outbox import decide, line_of, withheld
from botkit.dialogue.contact import Contact
from botkit.dialogue.window import REASONS
from botkit.ledger import Posted
from tests.cli.command import botkit

ROW = Posted(7, "shop", Contact("channel-1", "conversation-7788"), "Hello!", "sent", "", "", "", 1_760_000_000.0)


# ─── how a row is shown ───


@pytest.mark.parametrize(
    ("posted", "state"),
    [
        (ROW, "sent"),
        (replace(ROW, receipt="read"), "sent, read"),
        (replace(ROW, template="news (en_US)", receipt="read"), "sent as template news (en_US), read"),
        (replace(ROW, status="withheld", reason="opted_out"), "withheld: the contact opted out"),
        (
            replace(ROW, status="withheld", reason="opted_out: the contact opted out"),
            "withheld: the contact opted out",
        ),
        (
            replace(ROW, status="withheld", reason="rejected: 131026"),
            "withheld: the platform refused it for good (131026)",
        ),
        (replace(ROW, status="waiting", reason="the API is busy"), "waiting: the API is busy"),
        (replace(ROW, attempts=3), "sent, 3 attempts"),
    ],
)
def test_a_row_tells_how_it_stands(posted: Posted, state: str) -> None:
    assert state_of(posted) == state


def test_what_is_to_come_is_told() -> None:
    later = ROW.said_at + 3600
    assert ", next try 2025-10-0" in state_of(replace(ROW, status="waiting", due_at=later))
    assert ", expires 2025-10-0" in state_of(replace(ROW, status="held", due_at=later))


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_has_words(reason: str) -> None:
    assert in_words(reason) == REASONS[reason] == in_words(f"{reason}: {REASONS[reason]}")
    assert code_of(f"{reason}: more") == reason


def test_words_that_name_no_reason_stay_as_they_are() -> None:
    assert in_words("POST /messages: the answer did not come") == "POST /messages: the answer did not come"
    assert code_of("POST /messages: the answer did not come") == ""


@pytest.mark.parametrize(
    ("contact", "shown"), [("+34600111222", "…1222"), ("12345", "…2345"), ("1234", "…"), ("", "…")]
)
def test_a_contact_is_masked(contact: str, shown: str) -> None:
    assert masked(contact) == shown


def test_contacts_and_words_are_shown_when_they_are_asked_for() -> None:
    assert line_of(ROW).split("  ")[-3:] == ["shop", "…7788", "sent"]
    assert line_of(ROW, texts=True, contacts=True).split("  ")[-4:] == ["shop", "conversation-7788", "sent", "'Hello!'"]
    assert "text" not in facts_of(ROW, texts=False, contacts=False)
    assert facts_of(ROW, texts=True, contacts=True)["text"] == "Hello!"
    assert facts_of(ROW, texts=False, contacts=True)["contact"] == "conversation-7788"


def test_the_id_by_which_a_message_is_explained_is_shown_where_there_is_one() -> None:
    sent = replace(ROW, message="m-5")
    assert line_of(sent).split("  ")[-2:] == ["sent", "m-5"]
    assert facts_of(sent, texts=False, contacts=False)["message"] == "m-5"


# ─── replay and discard ───


class Rows:
    """A store's dead letters."""

    def __init__(self, *found: Posted) -> None:
        self._found = {posted.row: posted for posted in found}
        self.asked: list[tuple[str, int]] = []

    async def posted(self, *, status: str = "", limit: int = 50) -> Sequence[Posted]:
        assert (status, limit) == ("withheld", 10_000)
        return list(self._found.values())

    async def replay(self, row: int, now: float) -> bool:
        assert now == pytest.approx(time.time(), abs=60)
        self.asked.append(("replay", row))
        return row in self._found


def dead(row: int, reason: str) -> Posted:
    return replace(ROW, row=row, status="withheld", reason=reason)


async def test_all_that_is_withheld_is_found_in_the_order_in_which_it_was_said() -> None:
    store = Rows(dead(9, "uncertain: no answer"), dead(8, "stale"), dead(5, "discarded"), dead(3, "uncertain"))
    assert await withheld(store) == [3, 8, 9]  # type: ignore[arg-type]
    assert await withheld(store, "uncertain") == [3, 9]  # type: ignore[arg-type]
    assert await withheld(store, "rejected") == []  # type: ignore[arg-type]


async def test_each_row_is_told_how_it_went(capsys: pytest.CaptureFixture[str]) -> None:
    store = Rows(dead(3, "uncertain"), dead(8, "stale"))
    await decide([3, 8, 3], store.replay, "goes.", "does not.")
    assert capsys.readouterr() == ("3 goes.\n8 goes.\n", "")
    assert store.asked == [("replay", 3), ("replay", 8)]


async def test_a_row_that_cannot_be_replayed_does_not_stop_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    store = Rows(dead(8, "stale"))
    with pytest.raises(SystemExit) as ended:
        await decide([3, 8], store.replay, "goes.", "does not.")
    assert ended.value.code == 1
    assert capsys.readouterr() == ("8 goes.\n", "3 does not.\n")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["replay"], "Name the rows, or say --all-withheld."),
        (["replay", "3", "--all-withheld"], "Name the rows, or say --all-withheld."),
        (["replay", "3", "--reason", "stale"], "--reason goes with --all-withheld."),
        (["replay", "--all-withheld", "--reason", "lost"], "'lost' is not one of"),
        (["replay", "0"], "0 is not in the range"),
        (["discard"], "Missing argument"),
        (["list", "--status", "lost"], "'lost' is not one of"),
    ],
    ids=" ".join,
)
def test_what_is_written_wrongly_is_said_with_status_2(folder: Path, arguments: list[str], problem: str) -> None:
    ended = botkit(folder, "outbox", *arguments)
    assert ended.status == 2
    assert problem in ended.err


def test_where_nothing_was_said_there_is_nothing_to_replay(folder: Path) -> None:
    ended = botkit(folder, "outbox", "replay", "--all-withheld")
    assert (ended.status, ended.out) == (0, "Nothing is withheld.\n")
    for arguments in (["replay", "3"], ["discard", "3"]):
        ended = botkit(folder, "outbox", *arguments)
        assert ended.status == 1
        assert ended.sentence.startswith("There is no store at botkit.db")
    assert not list(folder.glob("*.db*"))


def test_for_programs_nothing_is_an_empty_list(folder: Path) -> None:
    assert botkit(folder, "outbox", "list", "--json").out == "[]\n"
