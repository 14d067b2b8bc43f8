"""The window: whether free-form messages may go out, and what goes instead."""

from __future__ import annotations

import pytest

from botkit.dialogue.template import Template
from botkit.dialogue.window import (
    DAY,
    NO_TEMPLATE,
    REASONS,
    WINDOW_CLOSED,
    AsTemplate,
    FreeForm,
    Window,
    Withheld,
    choose_delivery,
    clean_parameter,
    window,
)
from tests.given import contact

NOW = 1_800_000_000.0
NEWS = Template("order_news", "utility", {"en_US": (), "es_ES": (), "es_MX": ()})


@pytest.mark.parametrize("type", ["whatsapp", "instagram", "messenger"])
@pytest.mark.parametrize(("later", "is_open"), [(0.0, True), (DAY - 1, True), (DAY, False), (DAY + 1, False)])
def test_a_window_is_open_for_a_day_after_the_contact_wrote(type: str, later: float, *, is_open: bool) -> None:
    assert window(contact(wrote_at=NOW), type).is_open(NOW + later) is is_open


@pytest.mark.parametrize("type", ["webchat", "telegram"])
def test_other_channels_have_no_window(type: str) -> None:
    never_wrote = contact(refused_at=NOW)
    assert window(never_wrote, type) == Window(None)
    assert window(never_wrote, type).is_open(NOW)


def test_who_never_wrote_has_opened_no_window() -> None:
    assert not window(contact(), "whatsapp").is_open(NOW)


@pytest.mark.parametrize(
    ("wrote", "refused", "is_open"),
    [(NOW - 60, NOW, False), (NOW, NOW, False), (NOW + 1, NOW, True), (NOW, None, True)],
    ids=["refused since", "refused in that instant", "wrote again", "never refused"],
)
def test_a_refusal_closes_the_window_until_the_contact_writes_again(
    wrote: float, refused: float | None, *, is_open: bool
) -> None:
    assert window(contact(wrote_at=wrote, refused_at=refused), "whatsapp").is_open(NOW + 2) is is_open


def test_a_window_is_as_long_as_the_operator_says() -> None:
    lengths = {"whatsapp": 7 * DAY}
    assert window(contact(wrote_at=NOW), "whatsapp", lengths) == Window(NOW + 7 * DAY)
    assert window(contact(wrote_at=NOW), "instagram", lengths) == Window(None)


@pytest.mark.parametrize("type", ["whatsapp", "instagram", "messenger", "webchat"])
@pytest.mark.parametrize("template", [None, NEWS])
def test_inside_the_window_words_go_out_as_they_are(type: str, template: Template | None) -> None:
    assert choose_delivery(type, template, "en", is_open=True) == FreeForm()


@pytest.mark.parametrize("type", ["instagram", "messenger"])
def test_outside_nothing_goes_where_there_are_no_templates(type: str) -> None:
    assert choose_delivery(type, NEWS, "en", is_open=False) == Withheld(WINDOW_CLOSED)


def test_outside_nothing_goes_without_a_template() -> None:
    assert choose_delivery("whatsapp", None, "en", is_open=False) == Withheld(NO_TEMPLATE)


@pytest.mark.parametrize(
    ("reads", "sent"),
    [("en_US", "en_US"), ("es_MX", "es_MX"), ("es", "es_ES"), ("es_AR", "es_ES"), ("en", "en_US"), ("fr", "en_US")],
)
def test_outside_the_template_goes_in_the_language_nearest_to_the_contacts(reads: str, sent: str) -> None:
    assert choose_delivery("whatsapp", NEWS, reads, is_open=False) == AsTemplate(NEWS, sent)


@pytest.mark.parametrize(
    ("value", "taken"),
    [
        ("Sofia", "Sofia"),
        (" two\nlines\tand  spaces ", "two lines and spaces"),
        ("\u00a0\u2003wide\u2028", "wide"),
        ("\n", ""),
    ],
)
def test_a_template_parameter_is_one_line_without_runs_of_spaces(value: str, taken: str) -> None:
    assert clean_parameter(value) == taken


def test_a_day_has_24_hours() -> None:
    assert DAY == 86400.0


def test_every_reason_is_told_in_words() -> None:
    assert all(" " in words and not words.endswith(".") for words in REASONS.values())
