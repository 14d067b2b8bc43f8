"""Lists of templates, in every known form."""

from __future__ import annotations

import pytest

from botkit.messaging.templates import ListedTemplate, read_templates

BODY = {"type": "BODY", "text": "Hi {{1}}, {{ 2 }} and {{1}} again."}
ONE = {"name": "news", "language": "en_US", "category": "UTILITY", "status": "approved", "components": [BODY]}
READ = ListedTemplate("news", "en_US", "APPROVED", 2)
OLDEST = {
    "success": True,
    "data": [
        {
            "id": "67991fd32a22ff",
            "active": True,
            "templates": [
                {
                    "language": "en",
                    "components": [
                        {"type": "BODY", "text": "Hi {{1}}!", "parameters": [{"type": "text", "text": "username"}]},
                        {
                            "type": "BUTTONS",
                            "buttons": [{"type": "URL", "text": "Check-in"}],
                            "parameters": [{"type": "text", "text": "url"}],
                        },
                    ],
                },
                {"language": "es", "components": [{"type": "BODY", "text": "¡Hola!"}]},
            ],
        },
        {"id": "old", "active": False, "templates": [{"language": "en"}]},
    ],
}


@pytest.mark.parametrize(
    "payload",
    [
        [ONE],
        {"data": [ONE]},
        {"templates": [ONE]},
        {"success": True, "data": {"templates": [ONE]}},
        {"data": [{"template": ONE}]},
        {"data": [{**ONE, "language": {"code": "en_US"}}]},
        {"data": [None, "?", ONE]},
    ],
    ids=str,
)
def test_every_form_of_the_list_is_read(payload: object) -> None:
    assert read_templates(payload) == [READ]


def test_the_oldest_form_groups_languages_under_an_id() -> None:
    assert read_templates(OLDEST) == [
        ListedTemplate("67991fd32a22ff", "en", "APPROVED", 1, is_fillable=False),
        ListedTemplate("67991fd32a22ff", "es", "APPROVED", 0),
        ListedTemplate("old", "en", "INACTIVE", 0),
    ]


@pytest.mark.parametrize(
    ("component", "is_fillable"),
    [
        ({"type": "HEADER", "format": "TEXT", "text": "News"}, True),
        ({"type": "HEADER", "format": "TEXT", "text": "News for {{1}}"}, False),
        ({"type": "HEADER", "format": "IMAGE"}, False),
        ({"type": "FOOTER", "text": "Reply STOP to stop."}, True),
        ({"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Yes"}]}, True),
        ({"type": "BUTTONS", "buttons": [{"type": "URL", "url": "https://shop.example.com/orders"}]}, True),
        ({"type": "BUTTONS", "buttons": [{"type": "URL", "url": "https://shop.example.com/{{1}}"}]}, False),
        ({"type": "BUTTONS", "buttons": [{"type": "copy_code"}]}, False),
        ({"type": "BUTTONS", "buttons": "?"}, True),
    ],
)
def test_what_wants_values_besides_the_body_is_known(component: object, is_fillable: bool) -> None:  # noqa: FBT001
    (found,) = read_templates([{**ONE, "components": [BODY, component]}])
    assert (found.blanks, found.is_fillable) == (2, is_fillable)


def test_named_blanks_count_and_a_missing_body_has_none() -> None:
    (named,) = read_templates([{**ONE, "components": [{"type": "body", "text": "{{name}}, {{ order }}"}]}])
    assert named.blanks == 2
    assert read_templates([{"name": "news"}]) == [ListedTemplate("news", "", "", 0)]


@pytest.mark.parametrize("payload", [None, 7, "?", {}, {"data": None}, {"data": {}}, {"templates": "?"}, []])
def test_what_is_no_list_has_no_templates(payload: object) -> None:
    assert read_templates(payload) == []
