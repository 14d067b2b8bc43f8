"""Opening hours: whether a bot's people are there, since when they are not, and when that changes.

Hours are those of the clock on the wall: where clocks are changed, a day is as long as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo

MINUTES_OF_A_DAY = 24 * 60

Span = tuple[int, int]
"""From when until when, in minutes since the day began; what lasts past midnight ends after `MINUTES_OF_A_DAY`."""

Spans = tuple[Span, ...]
"""When it is open on a day, in order; nothing where it is closed."""

_FAR = 400
"""Days ahead and back after which nobody looks further: more than a year."""

_DAY = timedelta(days=1)


def no_holidays(day: date) -> bool:
    """Whether a day is one, where no country is named."""
    return False


@dataclass(frozen=True, slots=True)
class Hours:
    """When it is open: on the days of the week, on holidays, on certain dates; the more special counts."""

    zone: tzinfo
    week: tuple[Spans, ...]
    """From Monday on."""
    holidays: Spans | None = None
    """On holidays; `None` where these are days like any other."""
    dates: Mapping[date, Spans] = field(default_factory=dict)
    is_holiday: Callable[[date], bool] = field(default=no_holidays, compare=False)

    def spans(self, day: date) -> Spans:
        """When it is open on a day."""
        if day in self.dates:
            return self.dates[day]
        if self.holidays is not None and self.is_holiday(day):
            return self.holidays
        return self.week[day.weekday()]

    def is_open(self, now: datetime) -> bool:
        """Whether it is open now."""
        at = now.timestamp()
        today = now.astimezone(self.zone).date()
        return any(start <= at < end for day in (today - _DAY, today) for start, end in self._of(day))

    def open_at(self, moment: date | datetime) -> bool:
        """Whether it is open at a moment; of a day, whether it opens on it at all."""
        if isinstance(moment, datetime):
            return self.is_open(moment if moment.tzinfo else moment.replace(tzinfo=self.zone))
        return bool(self.spans(moment))

    def opens(self, now: datetime) -> datetime | None:
        """When it opens next; `None` when it does not within a year."""
        at = now.timestamp()
        return self._local(next((start for start, _ in self._from(now) if start > at), None))

    def closes(self, now: datetime) -> datetime | None:
        """When it closes next; `None` when it does not within a year."""
        at = now.timestamp()
        end = next((end for _, end in self._from(now) if end > at), None)
        is_near = end is not None and end < at + (_FAR - 1) * _DAY.total_seconds()
        return self._local(end if is_near else None)

    def closed_since(self, now: datetime) -> float | None:
        """When the present closed period began, in Unix seconds, which names it; 0 when it never was open before.

        `None` while it is open.
        """
        if self.is_open(now):
            return None
        at, today = now.timestamp(), now.astimezone(self.zone).date()
        for back in range(_FAR):
            days = (today - back * _DAY, today - (back + 1) * _DAY)  # of which the earlier may end later
            if ends := [end for day in days for _, end in self._of(day) if end <= at]:
                return max(ends)
        return 0.0

    def _from(self, now: datetime) -> Iterator[tuple[float, float]]:
        """The times when it is open, from yesterday on, in Unix seconds; those that follow each other are one."""
        today = now.astimezone(self.zone).date()
        held: tuple[float, float] | None = None
        for ahead in range(-1, _FAR):
            for start, end in self._of(today + ahead * _DAY):
                if held and start <= held[1]:
                    held = (held[0], max(held[1], end))
                    continue
                if held:
                    yield held
                held = (start, end)
        if held:
            yield held

    def _of(self, day: date) -> Iterator[tuple[float, float]]:
        """When it is open on a day, in Unix seconds.

        Of an hour that the clocks show twice, the first counts for opening and the second for closing; what falls into
        one that they leave out comes as much later.
        """
        for start, end in self.spans(day):
            yield min(self._instants(day, start)), max(self._instants(day, end))

    def _instants(self, day: date, minutes: int) -> tuple[float, ...]:
        """When the clock on the wall shows a time of a day."""
        days, minute = divmod(minutes, MINUTES_OF_A_DAY)
        first = datetime.combine(day + days * _DAY, time(minute // 60, minute % 60), self.zone)
        second = first.replace(fold=1)
        is_left_out = second.utcoffset() > first.utcoffset()  # type: ignore[operator]
        return (first.timestamp(),) if is_left_out else (first.timestamp(), second.timestamp())

    def _local(self, instant: float | None) -> datetime | None:
        return None if instant is None else datetime.fromtimestamp(instant, UTC).astimezone(self.zone)
