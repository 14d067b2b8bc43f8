"""The window: whether free-form messages may go out, and what goes instead."""

from __future__ import annotations

import pytest

from botkit.dialogue.template import Template
from botkit.dialogue.window import (
    ALWAYS_OPEN,
    DAY,
    HOUR,
    LENGTHS,
    NO_TEMPLATE,
    NOT_HELD,
    REASONS,
    TEMPLATE_REFUSED,
    WINDOW_CLOSED,
    AsTemplate,
    Delivery,
    FreeForm,
    Held,
    Hold,
    Policy,
    Window,
    Withheld,
    choose_delivery,
    window,
)
from tests.given import START as NOW
from tests.given import contact

LANGUAGES = {"en_US": (), "es_ES": (), "es_MX": ()}
NEWS, BOOKED, LATER = (Template(f"{name}_v2", "utility", LANGUAGES) for name in ("news", "booked", "later"))
TEMPLATES = {"news": NEWS, "booked": BOOKED, "later": LATER}


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


@pytest.mark.parametrize(
    ("now", "left"),
    [(NOW, DAY), (NOW + HOUR, DAY - HOUR), (NOW + DAY, 0.0), (NOW + 2 * DAY, 0.0)],
)
def test_what_is_left_of_a_window_ends_at_nothing(now: float, left: float) -> None:
    assert window(contact(wrote_at=NOW), "whatsapp").left(now) == left


def test_a_window_that_never_closes_has_no_end() -> None:
    assert ALWAYS_OPEN.left(NOW) is None


# ─── in what form something may go out ───


def delivery(
    *,
    type: str = "whatsapp",
    own: str = "",
    policy: tuple[str, ...] = (),
    hold: Hold = Hold.DELIVER,
    refused: tuple[str, ...] = (),
    asked: float | None = None,
    wrote: float | None = NOW - 2 * DAY,
    language: str = "en",
) -> Delivery:
    """The form of a saying to who wrote, and was asked to write by a template, at these times."""
    somebody = contact(wrote_at=wrote, announced_at=asked)
    return choose_delivery(
        type,
        somebody,
        window(somebody, type),
        NOW,
        language=language,
        own=own,
        templates=TEMPLATES,
        policy=Policy(policy, hold, cooldown=DAY),
        refused=[TEMPLATES[name].name for name in refused],
    )


def says(template: Template) -> AsTemplate:
    """The template that says the same goes out."""
    return AsTemplate(template, "en_US")


def asks(template: Template) -> AsTemplate:
    """The template that asks the contact to write goes out, and the words are held."""
    return AsTemplate(template, "en_US", held=True)


@pytest.mark.parametrize("type", ["whatsapp", "instagram", "messenger", "webchat"])
@pytest.mark.parametrize("own", ["", "booked"])
@pytest.mark.parametrize("hold", Hold)
def test_inside_the_window_words_go_out_as_they_are(type: str, own: str, hold: Hold) -> None:
    assert delivery(type=type, own=own, policy=("news",), hold=hold, wrote=NOW - HOUR) == FreeForm()


def test_where_there_is_no_window_words_go_out_whenever_that_is() -> None:
    assert delivery(type="webchat", wrote=None) == FreeForm()


@pytest.mark.parametrize("type", sorted(LENGTHS.keys() - {"whatsapp"}))
@pytest.mark.parametrize("hold", Hold)
def test_outside_nothing_goes_where_there_are_no_templates(type: str, hold: Hold) -> None:
    assert delivery(type=type, own="booked", policy=("news",), hold=hold) == Withheld(WINDOW_CLOSED)


@pytest.mark.parametrize(
    ("own", "policy", "refused", "chosen"),
    [
        # the saying's own template says it all
        ("booked", (), (), says(BOOKED)),
        ("booked", ("news",), (), says(BOOKED)),
        ("news", ("news",), (), says(NEWS)),
        # refused, it gives way to those that ask the contact to write
        ("booked", ("news",), ("booked",), asks(NEWS)),
        ("booked", ("booked", "news"), ("booked",), asks(NEWS)),
        ("booked", (), ("booked",), Withheld(TEMPLATE_REFUSED)),
        # of these, the first goes out that was not refused and that the bot (still) has
        ("", ("news",), (), asks(NEWS)),
        ("", ("news", "later"), (), asks(NEWS)),
        ("", ("later", "news"), (), asks(LATER)),
        ("", ("news", "later"), ("news",), asks(LATER)),
        ("", ("gone", "later"), (), asks(LATER)),
        ("gone", ("news",), (), asks(NEWS)),
        # nothing is left
        ("", ("news", "later"), ("later", "news"), Withheld(TEMPLATE_REFUSED)),
        ("booked", ("news",), ("booked", "news"), Withheld(TEMPLATE_REFUSED)),
        ("", ("gone",), (), Withheld(TEMPLATE_REFUSED)),
        ("", (), (), Withheld(NO_TEMPLATE)),
        ("gone", (), (), Withheld(NO_TEMPLATE)),
    ],
)
@pytest.mark.parametrize("hold", [Hold.DELIVER, Hold.FOLD])
def test_outside_a_template_goes_out(
    own: str, policy: tuple[str, ...], refused: tuple[str, ...], chosen: Delivery, hold: Hold
) -> None:
    assert delivery(own=own, policy=policy, refused=refused, hold=hold) == chosen


@pytest.mark.parametrize(
    ("own", "policy", "refused", "chosen"),
    [
        ("booked", ("news",), (), says(BOOKED)),
        ("booked", ("news",), ("booked",), Withheld(TEMPLATE_REFUSED)),
        ("", ("news",), (), Withheld(NOT_HELD)),
        ("", (), (), Withheld(NOT_HELD)),
    ],
)
def test_a_bot_that_holds_nothing_asks_nobody_to_write(
    own: str, policy: tuple[str, ...], refused: tuple[str, ...], chosen: Delivery
) -> None:
    assert delivery(own=own, policy=policy, refused=refused, hold=Hold.NEVER) == chosen


@pytest.mark.parametrize(
    ("asked", "wrote", "chosen"),
    [
        (None, NOW - 2 * DAY, asks(NEWS)),
        (None, None, asks(NEWS)),
        (NOW - 1, NOW - 2 * DAY, Held()),
        (NOW - 1, None, Held()),
        (NOW - DAY + 1, NOW - 2 * DAY, Held()),
        (NOW - DAY, NOW - 2 * DAY, asks(NEWS)),
        (NOW - 3 * DAY, NOW - 2 * DAY, asks(NEWS)),
        (NOW - 2 * DAY, NOW - 2 * DAY, asks(NEWS)),
    ],
    ids=[
        "never asked",
        "never asked and never wrote",
        "just asked",
        "asked who never wrote",
        "asked within the cooldown",
        "the cooldown has passed",
        "wrote since",
        "wrote in that instant, and the cooldown has passed",
    ],
)
def test_a_contact_is_asked_once_and_not_again_within_the_cooldown(
    asked: float | None, wrote: float | None, chosen: Delivery
) -> None:
    assert delivery(policy=("news",), asked=asked, wrote=wrote) == chosen


def test_who_wrote_since_is_asked_again_although_the_cooldown_has_not_passed() -> None:
    somebody = contact(wrote_at=NOW - HOUR, announced_at=NOW - 2 * HOUR, refused_at=NOW - 60)
    chosen = choose_delivery(
        "whatsapp",
        somebody,
        window(somebody, "whatsapp"),
        NOW,
        language="en",
        own="",
        templates=TEMPLATES,
        policy=Policy(("news",)),
    )
    assert chosen == asks(NEWS)


def test_a_template_that_says_it_all_waits_for_no_cooldown() -> None:
    assert delivery(own="booked", policy=("news",), asked=NOW - 1) == says(BOOKED)


def test_while_the_contact_was_asked_it_does_not_matter_what_was_refused() -> None:
    assert delivery(own="booked", policy=("news",), refused=("booked", "news"), asked=NOW - 1) == Held()


@pytest.mark.parametrize(
    ("reads", "sent"),
    [
        ("en_US", "en_US"),
        ("es_MX", "es_MX"),
        ("es-MX", "es_MX"),
        ("es", "es_ES"),
        ("es_AR", "es_ES"),
        ("en", "en_US"),
        ("fr", "en_US"),
        ("", "en_US"),
    ],
)
@pytest.mark.parametrize("own", ["", "news"])
def test_a_template_goes_in_the_language_nearest_to_the_contacts(own: str, reads: str, sent: str) -> None:
    assert delivery(own=own, policy=("news",), language=reads) == AsTemplate(NEWS, sent, held=not own)


def test_a_day_has_24_hours() -> None:
    assert (DAY, HOUR) == (86400.0, 3600.0)


def test_every_reason_is_told_in_words() -> None:
    assert all(" " in words and not words.endswith(".") for words in REASONS.values())
