"""A little chaos: a crowd writes, the API misbehaves, botkit is killed again and again, and every promise is kept.

`python -m tests.acceptance.chaos` does the same at length.
"""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.acceptance.chaos import Chaos, Report
from tests.acceptance.plan import IGNORES, Plan
from tests.acceptance.verdict import Reply, Verdict, Written, judge
from tests.postgres import Postgres


@pytest.fixture
def plan() -> Plan:
    """A plan for a few seconds; `BOTKIT_CHAOS_SEED` replays one that failed."""
    seed = int(os.environ.get("BOTKIT_CHAOS_SEED") or random.randrange(2**32))
    return Plan(seed=seed, messages=80, kills=4, stops=1, pauses=0, contacts=15, every=1.2, patience=120.0)


def kept(report: Report) -> bool:
    """Whether every promise was kept; the report is shown when not."""
    print(report.table())  # noqa: T201
    return report.is_good


def test_nothing_is_lost_doubled_or_out_of_order(plan: Plan, tmp_path: Path) -> None:
    report = Chaos(plan, tmp_path).run()
    assert kept(report)
    assert not report.withheld, "what passes leaves no dead letter"


def test_nor_where_the_api_ignores_keys_but_for_what_an_operator_is_told(plan: Plan, tmp_path: Path) -> None:
    report = Chaos(replace(plan, gateway=IGNORES), tmp_path).run()
    assert kept(report)
    assert {row["reason"] for row in report.withheld} <= {"uncertain"}


def test_nor_by_processes_that_share_a_database_which_restarts(plan: Plan, postgres: Postgres, tmp_path: Path) -> None:
    url = postgres.lend()
    report = Chaos(replace(plan, store=url, processes=2), tmp_path, postgres.restart if postgres.folder else None).run()
    postgres.take_back(url)
    assert kept(report)
    assert not report.withheld, "what passes leaves no dead letter"


# ─── the judge ───

WRITTEN = {"m1": Written("ana", 1), "m2": Written("ana", 1), "m3": Written("bob", 1), "m4": Written("ana", 2)}
GOOD = ("ana [m1 m2] #1", "bob [m3] #1", "ana [m4] #2")


def replies(*lines: str) -> Sequence[Reply]:
    return [Reply(*line.split(" ", 1)) for line in lines]


@pytest.mark.parametrize("first", ["ana [m1 m2] #1", "ana [m2 m1] #1"])
def test_what_is_right_is_judged_good(first: str) -> None:
    verdict = judge(WRITTEN, replies(first, *GOOD[1:]), [])
    assert verdict.is_good
    assert vars(verdict) == vars(Verdict())


@pytest.mark.parametrize(
    ("sent", "broken"),
    [
        (("ana [m1 m2] #1", "ana [m4] #2"), {"lost": ["m3"]}),
        ((*GOOD, "ana [m4] #2"), {"doubled": ["m4 in 2 replies"]}),
        ((*GOOD, "ana [m4] #3"), {"doubled": ["m4 in 2 replies"]}),
        (("ana [m4] #2", "ana [m1 m2] #1", "bob [m3] #1"), {"disordered": ["ana: [2, 1]"], "overtaken": ["m1", "m2"]}),
        (("ana [m4 m1 m2] #1", "bob [m3] #1"), {"disordered": ["ana: [m4 m1 m2] #1"]}),
        (("ana [m1 m2] #1", "bob [m3] #1", "ana [m4] #3"), {"disordered": ["ana: [1, 3]"]}),
        (("ana [m1 m2] #1", "bob [m3] #1", "ana [m4] #1"), {"disordered": ["ana: [1, 1]"]}),
        ((*GOOD, "ana Something broke."), {"strange": ["ana: Something broke."]}),
        (("ana [m1 m2] #1", "ana [m3 m4] #2"), {"strange": ["ana: [m3 m4] #2"]}),
    ],
)
def test_what_is_wrong_is_judged_so(sent: Sequence[str], broken: dict[str, list[str]]) -> None:
    verdict = judge(WRITTEN, replies(*sent), [])
    assert not verdict.is_good
    assert {name: found for name, found in vars(verdict).items() if found} == broken


def test_what_an_operator_is_told_is_not_lost() -> None:
    verdict = judge(WRITTEN, replies("bob [m3] #1", "ana [m4] #2"), replies("ana [m1 m2] #1"))
    assert verdict.is_good
    assert verdict.told == ["m1", "m2"]
