"""Notes to teams over HTTP: what is posted, how it is signed, and what an answer means."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import orjson
import pytest

from botkit.dialogue.contact import Contact
from botkit.dialogue.handoff import Note
from botkit.dialogue.turn import Line
from botkit.errors import OutcomeUnknown, RateLimited, Rejected, SendError, Unauthorized, Unreachable
from botkit.ledger import NoteInHand
from botkit.messaging.signature import verify
from botkit.messaging.teams import KEY_HEADER, SIGNATURE_HEADER, Team, TeamWebhooks
from botkit.testing import START, FrozenClock
from tests.messaging.scripted_api import Answer, ScriptedApi
from tests.processes import free_port

ANA = Contact("channel-1", "conversation-1", "Ana", "+34600111222", "es")
TOLD = Note(
    text="Complaint, room 305",
    to="desk",
    handoff=True,
    slots={"room": 305, "card": "•••"},
    summary="complaint; room: 305",
    transcript=(Line("contact", "It is noisy", START),),
    channel="whatsapp",
)
NOTE = NoteInHand(7, "hotel", 1, ANA, TOLD, START)


def teams(api: ScriptedApi, secret: str = "", timeout: float = 10.0) -> TeamWebhooks:
    known = {"desk": Team(f"{api.url}/desk", secret), "kitchen": Team(f"{api.url}/kitchen"), "console": Team("")}
    return TeamWebhooks(known, FrozenClock(), timeout=timeout)


async def tell(api: ScriptedApi, note: NoteInHand = NOTE, secret: str = "", patience: float = 10.0) -> bool:
    webhooks = teams(api, secret, patience)
    try:
        return await webhooks.tell(note, "key-7")
    finally:
        await webhooks.close()


async def test_a_note_is_posted_whole_under_its_key(api: ScriptedApi) -> None:
    api.answers("POST /desk", Answer(204))
    assert await tell(api)
    (call,) = api.calls
    assert call.headers[KEY_HEADER] == "key-7"
    assert SIGNATURE_HEADER not in call.headers
    assert orjson.loads(call.body) == (
        {
            "id": 7,
            "team": "desk",
            "note": "Complaint, room 305",
            "handoff": True,
            "bot": "hotel",
            "channel": "whatsapp",
            "conversation": "conversation-1",
            "contact": {"name": "Ana", "phone": "+34600111222", "language": "es"},
            "slots": {"room": 305, "card": "•••"},
            "summary": "complaint; room: 305",
            "transcript": [{"who": "contact", "text": "It is noisy", "at": "2027-01-15T08:00:00+00:00"}],
            "at": "2027-01-15T08:00:00+00:00",
            "hand_back": "botkit handoff back conversation-1 --bot hotel",
        }
    )


async def test_a_team_with_a_secret_can_tell_whose_a_note_is(api: ScriptedApi) -> None:
    api.answers("POST /desk", Answer())
    await tell(api, secret="hush")
    (call,) = api.calls
    verify(["hush"], call.headers[SIGNATURE_HEADER], call.body, now=START, max_age=1)


async def test_what_names_no_team_goes_to_the_first(api: ScriptedApi) -> None:
    api.answers("POST /desk", Answer())
    await tell(api, replace(NOTE, note=replace(TOLD, to="", handoff=False)))
    (call,) = api.calls
    body = orjson.loads(call.body)
    assert (body["team"], body["hand_back"]) == ("desk", "")


@pytest.mark.parametrize("team", ["console", "nobody"])
async def test_a_team_without_a_webhook_is_not_told(api: ScriptedApi, team: str) -> None:
    assert not await tell(api, replace(NOTE, note=replace(TOLD, to=team)))
    assert api.calls == []


async def test_without_teams_nobody_is_told() -> None:
    assert not await TeamWebhooks({}, FrozenClock()).tell(NOTE, "key-7")


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (302, Rejected),
        (400, Rejected),
        (401, Unauthorized),
        (403, Unauthorized),
        (404, Rejected),
        (408, RateLimited),
        (429, RateLimited),
        (500, Unreachable),
        (503, Unreachable),
    ],
)
async def test_an_answer_tells_whether_to_try_again(api: ScriptedApi, status: int, error: type[SendError]) -> None:
    api.answers("POST /desk", Answer(status, headers={"location": "/kitchen", "retry-after": "9"}))
    with pytest.raises(error, match=f"The webhook of the team 'desk' answered {status}.") as raised:
        await tell(api)
    assert len(api.calls) == 1
    assert getattr(raised.value, "retry_after", 9.0) == 9.0
    assert raised.value.code == f"HTTP {status}"


async def test_nobody_knows_what_became_of_a_note_without_an_answer(api: ScriptedApi) -> None:
    api.answers("POST /desk", Answer(hangs_up=True))
    with pytest.raises(OutcomeUnknown, match="'desk' did not answer"):
        await tell(api)
    api.answers("POST /desk", Answer(meanwhile=lambda: asyncio.sleep(0.5)))
    with pytest.raises(OutcomeUnknown, match="'desk' did not answer"):
        await tell(api, patience=0.05)


async def test_a_webhook_that_is_not_there_is_tried_again() -> None:
    webhooks = TeamWebhooks({"desk": Team(f"http://127.0.0.1:{free_port()}/")}, FrozenClock())
    with pytest.raises(Unreachable, match="'desk' cannot be reached"):
        await webhooks.tell(NOTE, "key-7")
    await webhooks.close()
