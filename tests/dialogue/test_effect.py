"""What a handler returned, as effects in order."""

from __future__ import annotations

import pytest

from botkit.dialogue.effect import Ask, OptOut, Say, SetSlot, effects, say
from tests.given import text

ORIGIN = "The handler of 'greet'"


@pytest.mark.parametrize(
    ("returned", "meant"),
    [
        (None, ()),
        ("", (Say(""),)),
        ("Hello", (Say("Hello"),)),
        (say("Hello"), (Say("Hello"),)),
        (Say(text("Hello")), (Say(text("Hello")),)),
        ([], ()),
        (["Hello", SetSlot("a", 1), None, OptOut()], (Say("Hello"), SetSlot("a", 1), OptOut())),
        (("Hello", [say("again"), ["and again"]]), (Say("Hello"), Say("again"), Say("and again"))),
        (
            [Ask("name"), SetSlot("gift", None), SetSlot("n", 1.5)],
            (Ask("name"), SetSlot("gift", None), SetSlot("n", 1.5)),
        ),
    ],
)
def test_a_handler_may_return_words_effects_lists_of_them_or_nothing(
    returned: object, meant: tuple[object, ...]
) -> None:
    assert effects(returned, ORIGIN) == meant


@pytest.mark.parametrize(
    "returned", [42, {"text": "Hello"}, {"Hello"}, object(), b"Hello", [["Hello", 42]], iter("ab"), Say]
)
def test_anything_else_is_refused_with_the_name_of_who_returned_it(returned: object) -> None:
    with pytest.raises(TypeError, match=r"The handler of 'greet' returned .*; it may return a str"):
        effects(returned, ORIGIN)


def test_a_saying_is_the_bots_and_not_for_who_opted_out_and_a_question_is_new_and_aloud() -> None:
    assert say("Hello") == Say("Hello", anyway=False, who="bot")
    assert Ask("name") == Ask("name", intent="", refused=0, quietly=False)


@pytest.mark.parametrize("effect", [Say(None), Say(42), Say(["a", "b"])])  # type: ignore[arg-type]
def test_only_texts_can_be_said(effect: Say) -> None:
    with pytest.raises(TypeError, match=r"The handler of 'greet' says .*; say a str"):
        effects(["Hello", effect], ORIGIN)


@pytest.mark.parametrize("value", [["a"], {"a": 1}, object(), b"a"])
def test_only_plain_values_can_be_remembered(value: object) -> None:
    with pytest.raises(TypeError, match=r"The handler of 'greet' sets 'order' to .*; a slot holds"):
        effects(SetSlot("order", value), ORIGIN)  # type: ignore[arg-type]
