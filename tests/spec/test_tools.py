"""Declared tools in a bot file: what they come to, and what is wrong with them."""

from __future__ import annotations

import pytest

from botkit.dialogue.tool import HttpTool
from tests.spec.written import Desk

HEAD = 'bot: sample\nchannels: [webchat]\nvars: {base: ""}\nslots: {party: {type: integer}}\ntools:\n  free:\n'
"""The first six lines; what a test adds begins on the seventh, with four blanks before it."""


def written(*lines: str) -> str:
    return HEAD + "\n".join(f"    {line}" for line in lines)


def test_a_tool_is_as_it_is_written(desk: Desk) -> None:
    source = written(
        "post: https://api.example.com/tables?party={{ slots.party }}",
        'headers: {Authorization: "Bearer {{ secrets.key }}"}',
        'json: {who: "{{ args.who }}", count: 2}',
        "timeout: 5s",
        'result: "{{ json.free if status == 200 else false }}"',
        "effect: idempotent",
        "if: vars.base",
        "description: Tells whether a table is free",
    )
    assert desk.load(source).bot.tools == {
        "free": HttpTool(
            name="free",
            method="post",
            url="https://api.example.com/tables?party={{ slots.party }}",
            headers={"Authorization": "Bearer {{ secrets.key }}"},
            body={"who": "{{ args.who }}", "count": 2},
            timeout=5.0,
            result="{{ json.free if status == 200 else false }}",
            effect="idempotent",
            condition="vars.base",
            description="Tells whether a table is free",
        )
    }


@pytest.mark.parametrize(
    ("method", "effect"),
    [
        ("get", "safe"),
        ("put", "idempotent"),
        ("delete", "idempotent"),
        ("post", "irreversible"),
        ("patch", "irreversible"),
    ],
)
def test_the_method_tells_what_calling_again_would_do(desk: Desk, method: str, effect: str) -> None:
    (tool,) = desk.load(written(f'{method}: "{{{{ vars.base }}}}/free"')).bot.tools.values()
    assert tool.effect == effect


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "http://127.0.0.1:8080/a",
        "https://[::1]:8080/{{ args.a }}",
        "https://example.com?a={{ args.a }}",
        "'{{ vars.base }}'",
        "'{{ vars.base }}?a={{ args.a }}'",
        "'{{ vars.base }}/a/{{ args.a }}{{ args.b }}'",
    ],
)
def test_a_url_begins_with_an_address(desk: Desk, url: str) -> None:
    desk.load(written(f"get: {url}"))


ONE_OF = "A tool has one of get, post, put, patch and delete; 'free' has "
WRITTEN_OUT = "The host of a tool is written out, so that no value can change it."
BEGINS = "The address of a tool is written out, or one of the bot's vars."
BEHIND = "Behind the address, a path or a question begins."
ONLY_VALUES = "Only values may stand here: {{ … }}, no {% … %} and no {# … #}."


@pytest.mark.parametrize(
    ("lines", "line", "message"),
    [
        (["timeout: 5s"], 6, ONE_OF + "none."),
        (["get: https://a.example", "post: https://a.example"], 6, ONE_OF + "2."),
        (["get: https://a.example", "json: {a: 1}"], 8, "A get sends no JSON."),
        (["get: a.example/free"], 7, "'a.example/free' is no web address."),
        (["get: ftp://a.example/free"], 7, "'ftp://a.example/free' is no web address."),
        (["get: 'https://{{ args.host }}/free'"], 7, "'https://{{ args.host }}/free' is no web address."),
        (["get: 'https://a.example{{ args.more }}/free'"], 7, WRITTEN_OUT),
        (["get: 'https://user@{{ args.host }}/free'"], 7, WRITTEN_OUT),
        (["get: 'https://user:word@a.example/free'"], 7, WRITTEN_OUT),
        (["get: '{{ args.url }}/free'"], 7, BEGINS),
        (["get: '{{ vars.base ~ args.a }}/free'"], 7, BEGINS),
        (["get: '{{ vars.base }}.evil.example/free'"], 7, BEHIND),
        (["get: '{{ vars.base }}{{ args.a }}'"], 7, BEHIND),
        (["get: '{{ vars.bass }}/free'"], 7, "There is no 'bass' in 'vars'."),
        (["get: 'https://a.example/{{ slots.pary }}'"], 7, "There is no 'pary' in 'slots'."),
        (["get: 'https://a.example/{% if a %}b{% endif %}'"], 7, "There is no 'a' here."),
        (["get: 'https://a.example/{# a #}'"], 7, ONLY_VALUES),
        (["get: 'https://a.example/{{ json }}'"], 7, "There is no 'json' here."),
        (["get: https://a.example", "headers: {a b: c}"], 8, "'a b' is no name of a header."),
        (["get: https://a.example", "headers: {a: '{{ nobody }}'}"], 8, "There is no 'nobody' here."),
        (["put: https://a.example", "json: {a: ['{{ nobody }}']}"], 8, "There is no 'nobody' here."),
        (["get: https://a.example", "result: '{{ jsn.a }}'"], 8, "There is no 'jsn' here."),
        (["get: https://a.example", "if: slots.x"], 8, "There is no 'x' in 'slots'."),
        (["get: https://a.example", "effect: harmless"], 8, "'harmless' is not known here."),
    ],
)
def test_a_faulty_tool_is_told_where_and_how(desk: Desk, lines: list[str], line: int, message: str) -> None:
    at, _, said, _ = desk.mistake(written(*lines))
    assert (at, said) == (line, message)


def test_secrets_are_within_reach_of_tools_only(desk: Desk) -> None:
    source = 'bot: sample\nchannels: [webchat]\nfallback: "It is {{ secrets.key }}"\n'
    assert desk.mistake(source) == (3, 21, "There is no 'secrets' here.", "Secrets are within reach of tools only.")
