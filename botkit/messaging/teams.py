"""Notes to teams: each is a POST of JSON to the webhook of its team, under an idempotency key, signed on request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import aiohttp
import orjson

from botkit.config import Config
from botkit.errors import OutcomeUnknown, RateLimited, Rejected, Unauthorized, Unreachable
from botkit.ledger import NoteInHand
from botkit.messaging.answers import retry_after
from botkit.messaging.signature import sign
from botkit.protocols import Clock

KEY_HEADER = "idempotency-key"
SIGNATURE_HEADER = "x-botkit-signature"
"""`t=<time>,v1=<hex>`: the HMAC-SHA256 of `t + "." + body` under the team's secret."""

_UNAUTHORIZED = (401, 403)
_LATER = (408, 425, 429)


@dataclass(frozen=True, slots=True)
class Team:
    """Where a team is told: a URL, and the secret that signs what is sent there, if there is one."""

    webhook: str
    secret: str = field(default="", repr=False)


def teams_of(config: Config, clock: Clock) -> TeamWebhooks:
    """The ways to the teams of a configuration."""
    known = config.teams.items()
    return TeamWebhooks({name: Team(team.webhook, team.secret.get_secret_value()) for name, team in known}, clock)


class TeamWebhooks:
    """The ways to teams, by name. `botkit.handing.Teams` says what a method promises."""

    def __init__(self, teams: Mapping[str, Team], clock: Clock, *, timeout: float = 10.0) -> None:
        """Name the teams, the first of which gets what names none; `timeout` is in seconds."""
        self._teams = teams
        self._clock = clock
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close the connections."""
        if self._session:
            await self._session.close()
            self._session = None

    async def tell(self, note: NoteInHand, key: str) -> bool:
        """Post a note. Raises `SendError`; a redirect is a refusal, for the secret is not for somebody else."""
        name = note.note.to or next(iter(self._teams), "")
        team = self._teams.get(name)
        if team is None or not team.webhook:
            return False
        body = orjson.dumps(payload(note, name), default=str)
        headers = {"content-type": "application/json", KEY_HEADER: key}
        if team.secret:
            headers[SIGNATURE_HEADER] = sign(team.secret, body, self._clock.now())
        self._session = self._session or aiohttp.ClientSession(timeout=self._timeout)
        try:
            async with self._session.post(team.webhook, data=body, headers=headers, allow_redirects=False) as answer:
                _check(name, answer.status, retry_after(answer.headers))
        except (aiohttp.InvalidURL, aiohttp.ClientConnectorError) as error:
            raise Unreachable(f"The webhook of the team {name!r} cannot be reached: {error}.") from error
        except (TimeoutError, aiohttp.ClientError) as error:
            raise OutcomeUnknown(f"The webhook of the team {name!r} did not answer: {error!r}.") from error
        return True


def payload(note: NoteInHand, team: str) -> dict[str, object]:
    """What a team is sent."""
    told = note.note
    return {
        "id": note.row,
        "team": team,
        "note": told.text,
        "handoff": told.handoff,
        "bot": note.bot,
        "channel": told.channel,
        "conversation": note.contact.id,
        "contact": {"name": note.contact.name, "phone": note.contact.phone, "language": note.contact.language},
        "slots": dict(told.slots),
        "summary": told.summary,
        "transcript": [{"who": line.who, "text": line.text, "at": _moment(line.at)} for line in told.transcript],
        "at": _moment(note.made_at),
        "hand_back": f"botkit handoff back {note.contact.id} --bot {note.bot}" if told.handoff else "",
    }


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


def _check(team: str, status: int, wait: float | None) -> None:
    """Raise `SendError` for an answer that is no success."""
    if status < 300:  # noqa: PLR2004 (HTTP's own)
        return
    message = f"The webhook of the team {team!r} answered {status}."
    code = f"HTTP {status}"
    if status in _UNAUTHORIZED:
        raise Unauthorized(message, code=code)
    if status in _LATER:
        raise RateLimited(message, code=code, retry_after=wait)
    if status >= 500:  # noqa: PLR2004
        raise Unreachable(message, code=code, retry_after=wait)
    raise Rejected(message, code=code)
