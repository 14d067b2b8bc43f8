"""Message templates: their wording with the blanks filled, and values as the platform takes them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from botkit.dialogue.template import BODY_MAX, Template, clean_parameter

BODY = {"en_US": "Hi {{1}}, order {{2}} is here. Bye {{1}}!", "es_ES": "Hay novedades."}
ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
"""The flag: a black one, and letters that nobody sees."""

NEWS = Template("order_news", "utility", {"en_US": ("a", "b"), "es_ES": ()}, BODY)


@pytest.mark.parametrize(
    ("language", "values", "filled"),
    [
        ("en_US", ["Sofia", "AB12"], "Hi Sofia, order AB12 is here. Bye Sofia!"),
        ("en_US", ["{{2}}", "AB12"], "Hi {{2}}, order AB12 is here. Bye {{2}}!"),
        ("en_US", ["Sofia"], "Hi Sofia, order {{2}} is here. Bye Sofia!"),
        ("en_US", [r"\1", "x"], r"Hi \1, order x is here. Bye \1!"),
        ("es_ES", [], "Hay novedades."),
    ],
)
def test_each_blank_is_filled_once_with_the_value_of_its_number(
    language: str, values: Sequence[str], filled: str
) -> None:
    assert NEWS.filled(language, values) == filled


def test_the_tenth_blank_is_not_the_first() -> None:
    long = Template("long", "utility", {}, {"en": "{{10}}-{{1}}"})
    assert long.filled("en", [str(number) for number in range(1, 11)]) == "10-1"


def test_where_the_wording_is_not_known_the_values_stand_for_it() -> None:
    assert Template("order_news", "utility", {"en_US": ("a", "b")}).filled("en_US", ("Sofia", "AB12")) == "Sofia AB12"


@pytest.mark.parametrize(
    ("value", "taken"),
    [
        ("Sofia", "Sofia"),
        (" two\nlines\tand  spaces ", "two lines and spaces"),
        ("\u00a0\u2003wide\u2028", "wide"),
        ("\n", ""),
        ("\u200b", ""),
        (" \u200b\ufeff\n\u2060 \x1b", ""),
        ("\u200b Sofia\u200d \u200f", "Sofia"),
        ("a\u200db", "a\u200db"),
        ("\U0001f469\u200d\U0001f4bb", "\U0001f469\u200d\U0001f4bb"),
        (ENGLAND, ENGLAND),
        ("\U000e0067\U000e007f", ""),
    ],
)
def test_a_parameter_is_one_line_without_runs_of_spaces(value: str, taken: str) -> None:
    assert clean_parameter(value) == taken


def test_a_body_is_as_long_as_the_platform_allows() -> None:
    assert BODY_MAX == 1024
