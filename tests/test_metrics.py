"""The meter: what is counted under which labels, and that the docs know every metric."""

from __future__ import annotations

import re
import sys
from typing import Any

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from botkit.dialogue.window import REASONS
from botkit.errors import Unreachable
from botkit.ledger import Figures
from botkit.metrics import OUTCOMES, PrometheusMeter, Unmetered, make_meter
from botkit.protocols import Meter
from tests.conftest import ROOT

OPEN_METRICS = "application/openmetrics-text; version=1.0.0"
NOTHING = Figures()


def samples(meter: PrometheusMeter, name: str, figures: Figures = NOTHING) -> dict[tuple[str, ...], float]:
    """The values of a metric by the values of its labels."""
    body, _ = meter.exposed(figures, OPEN_METRICS)
    families: Any = text_string_to_metric_families(body.decode())  # type: ignore[no-untyped-call]
    return {
        tuple(sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
        if sample.name == name
    }


def test_a_turn_is_timed_by_its_stages() -> None:
    meter = PrometheusMeter()
    meter.turned("shop", waited=1.5, thought=0.25, committed=0.003)
    meter.turned("shop", waited=0.5, thought=0.25, committed=0.003)
    assert samples(meter, "botkit_turn_seconds_sum") == {
        ("shop", "waited"): 2.0,
        ("shop", "thought"): 0.5,
        ("shop", "committed"): 0.006,
    }
    assert samples(meter, "botkit_turn_seconds_count")[("shop", "waited")] == 2


def test_a_model_is_timed_by_how_it_ended() -> None:
    meter = PrometheusMeter()
    meter.completed("gpt", "ok", 1.0)
    meter.completed("gpt", "failed", 20.0)
    assert samples(meter, "botkit_model_seconds_sum") == {("gpt", "ok"): 1.0, ("gpt", "failed"): 20.0}


def test_sends_are_counted_by_the_error_and_timed_by_whether_there_was_one() -> None:
    meter = PrometheusMeter()
    for outcome in ("ok", "ok", "RateLimited", Unreachable.__name__):
        meter.sent("whatsapp", outcome, 0.5)
    assert samples(meter, "botkit_sends_total") == {
        ("whatsapp", "ok"): 2,
        ("whatsapp", "RateLimited"): 1,
        ("whatsapp", "Unreachable"): 1,
    }
    assert samples(meter, "botkit_send_seconds_sum") == {("whatsapp", "ok"): 1.0, ("whatsapp", "failed"): 1.0}


def test_every_error_of_a_send_has_a_label() -> None:
    assert {"ok", "SendError", "WindowClosed", "TemplateRefused", "OutcomeUnknown", "Rejected"} <= OUTCOMES
    assert "StoreError" not in OUTCOMES


def test_decisions_and_dead_letters_are_counted_by_their_reason() -> None:
    meter = PrometheusMeter()
    for decision in ("free_form", "template", "held", *REASONS):
        meter.judged("instagram", decision)
    for reason in REASONS:
        meter.dead_lettered("gone", reason)
    decided = samples(meter, "botkit_window_decisions_total")
    assert set(decided) == {("instagram", name) for name in ("free_form", "template", "held", *REASONS)}
    assert samples(meter, "botkit_dead_letters_total") == {("gone", reason): 1 for reason in REASONS}


def test_what_waits_is_told_as_it_is_at_that_moment() -> None:
    meter = PrometheusMeter()
    told = Figures(inbox=3, inbox_age=1.5, outbox=4, outbox_age=2.5, held=5, withheld=6, timers=7)
    waiting = {
        "botkit_inbox_events": 3,
        "botkit_inbox_oldest_seconds": 1.5,
        "botkit_outbox_sayings": 4,
        "botkit_outbox_oldest_seconds": 2.5,
        "botkit_held_sayings": 5,
        "botkit_withheld_sayings": 6,
        "botkit_timers": 7,
    }
    assert {name: samples(meter, name, told)[()] for name in waiting} == waiting
    assert {samples(meter, name)[()] for name in waiting} == {0}


# ─── labels stay few ───


def test_names_from_elsewhere_count_as_other() -> None:
    meter = PrometheusMeter()
    meter.sent("+34600111222", "Ana wrote", 0.1)
    meter.judged("+34600111222", "Ana wrote")
    meter.dead_lettered("+34600111222", "Ana wrote")
    meter.completed("gpt", "Ana wrote", 0.1)
    body, _ = meter.exposed(NOTHING)
    assert b"34600111222" not in body
    assert b"Ana" not in body
    assert samples(meter, "botkit_sends_total") == {("other", "other"): 1}


def test_bots_and_models_get_a_label_as_long_as_they_are_few() -> None:
    meter = PrometheusMeter()
    for number in range(1000):
        meter.completed(f"model-{number}", "ok", 0.1)
        meter.turned(f"bot-{number}", 0.1, 0.1, 0.1)
    models = samples(meter, "botkit_model_seconds_count")
    assert len(models) == 51
    assert models[("other", "ok")] == 950
    meter.completed("model-0", "ok", 0.1)
    assert samples(meter, "botkit_model_seconds_count")[("model-0", "ok")] == 2


def test_two_meters_do_not_share_a_registry() -> None:
    one, other = PrometheusMeter(), PrometheusMeter()
    one.turned("shop", 1, 1, 1)
    assert not samples(other, "botkit_turn_seconds_count")


# ─── with and without the extra ───


def test_with_the_extra_a_meter_counts() -> None:
    assert isinstance(make_meter(), PrometheusMeter)


def test_without_the_extra_a_meter_takes_everything_and_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    meter: Meter = make_meter()
    assert isinstance(meter, Unmetered)
    meter.turned("shop", 1, 1, 1)
    meter.completed("gpt", "ok", 1)
    meter.judged("whatsapp", "held")
    meter.sent("whatsapp", "ok", 1)
    meter.dead_lettered("whatsapp", "stale")


# ─── the docs ───


def test_every_metric_stands_in_the_docs_and_the_other_way_round() -> None:
    body, _ = PrometheusMeter().exposed(NOTHING, OPEN_METRICS)
    kinds = re.findall(r"^# TYPE (botkit_\w+) (\w+)$", body.decode(), re.MULTILINE)
    exposed = {f"{name}_total" if kind == "counter" else name for name, kind in kinds}
    listed = re.findall(r"^\| `(botkit_\w+)", (ROOT / "docs/metrics.md").read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(exposed)
