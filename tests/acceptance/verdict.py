"""Was anything lost, doubled or out of order? Judged by what reached the phones, and by what an operator is told.

Each message names itself (`m17`), and each reply names the messages that it answers and counts the conversation's
replies, by a count that the conversation remembers: `[m17 m18] #5`.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

_REPLY = re.compile(r"\[(m\d+(?: m\d+)*)\] #(\d+)")


@dataclass(frozen=True)
class Reply:
    """A message to a conversation."""

    conversation: str
    text: str

    @property
    def names(self) -> Sequence[str]:
        """The messages that it answers; none when it is something else."""
        found = _REPLY.fullmatch(self.text)
        return found[1].split() if found else ()

    @property
    def count(self) -> int:
        """Which of the conversation's replies it is; 0 when it is something else."""
        found = _REPLY.fullmatch(self.text)
        return int(found[2]) if found else 0


@dataclass(frozen=True)
class Written:
    """A message of a contact. Those of one call have one time, and nobody can tell their order."""

    conversation: str
    call: int


@dataclass
class Verdict:
    """What is wrong, each in words that lead to it."""

    lost: list[str] = field(default_factory=list)
    """Messages that no reply names, and no dead letter either."""
    told: list[str] = field(default_factory=list)
    """Messages that only a dead letter names: an operator knows of them."""
    doubled: list[str] = field(default_factory=list)
    """Messages that two replies name."""
    disordered: list[str] = field(default_factory=list)
    """Replies whose count does not rise by one, but for dead letters, or that name a later message first."""
    strange: list[str] = field(default_factory=list)
    """Replies that are not the bot's, or name what another contact wrote."""
    overtaken: list[str] = field(default_factory=list)
    """Messages that came so late that a reply to a later one had gone: the fault of who delivered them."""

    @property
    def is_good(self) -> bool:
        """Whether every promise was kept."""
        return not (self.lost or self.doubled or self.disordered or self.strange)


def judge(written: Mapping[str, Written], sent: Sequence[Reply], withheld: Sequence[Reply]) -> Verdict:
    """Judge by the conversations of what was written, what reached the phones in this order, and the dead letters."""
    named = Counter(name for reply in sent for name in reply.names)
    told = {name for reply in withheld for name in reply.names}
    return Verdict(
        lost=[name for name in written if not named[name] and name not in told],
        told=[name for name in written if not named[name] and name in told],
        doubled=[f"{name} in {times} replies" for name, times in named.items() if times > 1],
        disordered=[*_miscounted(sent, withheld), *_mixed(sent, written)],
        strange=[f"{reply.conversation}: {reply.text}" for reply in sent if _is_strange(reply, written)],
        overtaken=list(_overtaken(sent)),
    )


def _is_strange(reply: Reply, written: Mapping[str, Written]) -> bool:
    return not reply.names or any(
        name not in written or written[name].conversation != reply.conversation for name in reply.names
    )


def _miscounted(sent: Sequence[Reply], withheld: Sequence[Reply]) -> Iterator[str]:
    """A reply that came twice is doubled, and in order if the others are."""
    missing = _counts(withheld)
    for conversation, counts in _counts(list(dict.fromkeys(sent))).items():
        expected = sorted({*counts, *missing[conversation]})
        if counts != sorted(set(counts)) or expected != list(range(1, len(expected) + 1)):
            yield f"{conversation}: {counts}"


def _counts(replies: Sequence[Reply]) -> defaultdict[str, list[int]]:
    counts: defaultdict[str, list[int]] = defaultdict(list)
    for reply in replies:
        if reply.count:
            counts[reply.conversation].append(reply.count)
    return counts


def _mixed(sent: Sequence[Reply], written: Mapping[str, Written]) -> Iterator[str]:
    for reply in sent:
        calls = [written[name].call for name in reply.names if name in written]
        if calls != sorted(calls):
            yield f"{reply.conversation}: {reply.text}"


def _overtaken(sent: Sequence[Reply]) -> Iterator[str]:
    latest: defaultdict[str, int] = defaultdict(int)
    for reply in sent:
        numbers = [int(name[1:]) for name in reply.names]
        yield from (f"m{number}" for number in numbers if number < latest[reply.conversation])
        latest[reply.conversation] = max([*numbers, latest[reply.conversation]])
