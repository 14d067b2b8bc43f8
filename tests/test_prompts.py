"""Jinja as botkit writes it: sandboxed, bounded, and strict about names."""

from __future__ import annotations

import gc
import sys
import threading
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from botkit.checking import check
from botkit.dialogue.contact import Contact
from botkit.dialogue.names import names
from botkit.dialogue.state import State
from botkit.errors import Problem, PromptError
from botkit.jinja import MAX_MADE
from botkit.prompts import Prompts, render_text
from botkit.wordings import as_blank, expressions, with_blanks
from tests.conftest import ROOT
from tests.given import turn

NAMES: dict[str, object] = {
    "contact": Contact("channel", "id", name="Sofia Martinez"),
    "slots": {"order_id": "AB12", "note": None, "count": 0, "gift": False},
    "items": ["a", "b", "c"],
    "big": "y" * (MAX_MADE // 2),
    "now": datetime(2027, 1, 15, 8, 5, 59, tzinfo=UTC),
    "today": date(2027, 1, 15),
    "nothing": None,
    "empty": "",
}


def render(source: str) -> str:
    return render_text(source, NAMES)


def refusal(source: str) -> str:
    """Why a text cannot be rendered."""
    with pytest.raises(PromptError) as caught:
        render(source)
    message = str(caught.value)
    assert message.startswith(f"{source!r} cannot be rendered: ")
    assert message.endswith(".")
    assert not message.endswith("..")
    return message.removeprefix(f"{source!r} cannot be rendered: ")


# ─── what is printed ───


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ("", ""),
        ("Hello.", "Hello."),
        ("50 % off, } and { too", "50 % off, } and { too"),
        ("{{ slots.order_id }} and {{ slots['order_id'] }}", "AB12 and AB12"),
        ("{{ contact.first_name|upper }}", "SOFIA"),
        ("{{ slots.count }} {{ slots.gift }}", "0 False"),
        ("{{ now }}, {{ today }}", "2027-01-15 08:05, 2027-01-15"),
        ("{% for item in items %}{{ loop.index }}{{ item }}{{ '' if loop.last else ',' }}{% endfor %}", "1a,2b,3c"),
        ("{{ items|join(' & ') }}", "a & b & c"),
        ("{{ [contact]|join(', ', attribute='first_name') }}", "Sofia"),
        ("{{ 'a b'|replace(' ', '_') }}", "a_b"),
        ("{{ 'it is ' ~ slots.order_id ~ 1 }}", "it is AB12" + "1"),
        ("{% for item in range(3) if item %}{{ item }}{% else %}none{% endfor %}", "12"),
        ("{% for item in [] %}x{% else %}none{% endfor %}", "none"),
        ("{% set word %}{{ slots.order_id }}{% endset %}{{ word|lower }}", "ab12"),
        ("{% macro twice(x) %}{{ x }}{{ x }}{% endmacro %}{{ twice(2) }}", "22"),
        ("{{ 7 % 4 }} {{ 2 ** 10 }} {{ 'ab' * 2 }} {{ [1] + [2] }}", "3 1024 abab [1, 2]"),
        ("<b>{{ '<i>' }}</b> & \"", '<b><i></b> & "'),
    ],
)
def test_a_text_is_rendered(source: str, printed: str) -> None:
    assert render(source) == printed


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ("Hello {{ nothing }}!", "Hello!"),
        ("Hello {{ empty }}!", "Hello!"),
        ("Reserved, {{ empty }}. Until then!", "Reserved. Until then!"),
        ("Hello, {{ empty }}", "Hello"),
        ("Hello, {{ empty }}\nHow are you?", "Hello\nHow are you?"),
        ("Hello, {{ empty }} {{ nothing }}!", "Hello!"),
        ("Hello, {{ empty }}, {{ nothing }}!", "Hello!"),
        ("Hello, {{ empty }}, come in", "Hello, come in"),
        ("Hello, {{ empty }} come in", "Hello, come in"),
        ("one,{{ empty }},three", "one,,three"),
        ("Hello {{ slots.note }}, welcome", "Hello, welcome"),
        ("Hello \t {{ empty }} there", "Hello there"),
        ("{{ empty }} Welcome", "Welcome"),
        ("{{ empty }}{{ nothing }}\tWelcome", "Welcome"),
        ("a {{ empty }} {{ nothing }} b", "a b"),
        ("  {{ empty }}x", "x"),
        ("one\n{{ empty }}\ntwo", "one\n\ntwo"),
        ("{{ empty }}", ""),
        ("{{ empty or 'there' }}", "there"),
        ("Hello {{ contact.first_name }}!", "Hello Sofia!"),
        ("a {{ ' ' }} b", "a   b"),
        ("a {{ 0 }} b", "a 0 b"),
    ],
)
def test_what_is_empty_takes_the_blanks_before_it_along(source: str, printed: str) -> None:
    assert render(source) == printed


@pytest.mark.parametrize("hostile", ["{{ 7 * 7 }}", "{% raw %}", "{{ contact.__class__ }}", "{#", "}}"])
def test_a_value_is_never_compiled(hostile: str) -> None:
    assert render_text("{{ said }} {{ said|upper }}", {"said": hostile}) == f"{hostile} {hostile.upper()}"


# ─── what is refused ───


@pytest.mark.parametrize(
    "source",
    [
        "{{ nobody }}",
        "{{ nobody.name }}",
        "{{ nobody or 'x' }}",
        "{{ contact.nickname }}",
        "{{ slots.unknown }}",
        "{{ slots['unknown'] }}",
        "{{ items[9] }}",
        "{% if nobody %}x{% endif %}",
        "{% for x in nobody %}{% endfor %}",
        "{{ 'a' ~ nobody }}",
        "{{ cycler }}",
        "{{ namespace() }}",
        "{{ lipsum() }}",
        "{{ dict() }}",
    ],
)
def test_a_name_that_is_not_there_is_an_error_and_never_nothing(source: str) -> None:
    assert "undefined" in refusal(source) or "has no" in refusal(source)


@pytest.mark.parametrize(
    "source",
    [
        "{{ contact.__class__ }}",
        "{{ contact['__class__'] }}",
        "{{ contact|attr('__class__') }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ [contact]|map(attribute='__class__')|join }}",
        "{{ [contact]|join(',', attribute='__class__') }}",
        "{{ contact.__init__.__globals__ }}",
        "{{ items.__len__() }}",
        "{% macro m() %}{% endmacro %}{{ m._func }}",
        "{{ self._TemplateReference__context }}",
        "{{ '{0.__class__}'.format(contact) }}",
        "{{ '{0.__class__}'|attr('format')(contact) }}",
    ],
)
def test_the_sandbox_keeps_the_inside_of_python_shut(source: str) -> None:
    assert "unsafe" in refusal(source) or "underscore" in refusal(source)


@pytest.mark.parametrize(
    "source", ["{{ items.append('d') }}", "{{ slots.update({'x': 1}) }}", "{{ slots.pop('note') }}"]
)
def test_a_text_cannot_change_what_it_is_given(source: str) -> None:
    assert "unsafe" in refusal(source)
    assert NAMES["items"] == ["a", "b", "c"]


@pytest.mark.parametrize(
    "source",
    [
        "{{ 'x' * 10**9 }}",
        "{{ 10**9 * 'x' }}",
        "{{ [0] * 10**9 }}",
        "{{ (1, 2) * 10**9 }}",
        "{{ 10 ** (10 ** 9) }}",
        "{% set a = 10 ** 64 %}{% set b = a ** 64 %}{% set c = b ** 64 %}{% set d = c ** 64 %}{{ d > 0 }}",
        "{% set a = 10 ** 9999 %}{% set b = a * a * a * a %}{{ b > 0 }}",
        "{{ big + big + big }}",
        "{{ (big ~ big ~ big)|length }}",
        "{{ big|replace('y', big)|length }}",
        "{{ big|join(big)|length }}",
        "{% set kept %}{{ big }}{{ big }}{{ big }}{% endset %}",
        "{{ big }}{{ big }}{{ big }}",
        "{% for i in range(9) %}{{ big }}{% endfor %}",
        "{{ ['y' * 1000] * 200 }}",
        "{% set a = [0] * 1000 %}{% set b = [a] * 1000 %}{% set c = [b] * 1000 %}{{ c }}",
    ],
)
def test_nothing_that_is_made_is_larger_than_a_bound(source: str) -> None:
    assert refusal(source) == f"it makes more than {MAX_MADE} characters, items or bits."


@pytest.mark.parametrize(
    "source",
    [
        "{% for i in range(999) %}{% for j in range(999) %}{% endfor %}{% endfor %}",
        "{% for i in range(999) %}{% for j in range(999) %}{% if false %}x{% endif %}{% endfor %}{% endfor %}",
        "{% for i in [0] * 99999 if i < 0 %}{% endfor %}{% for i in [0] * 99999 %}{% endfor %}",
        "{% for i in range(999) %}{% set x = big.upper() %}{% endfor %}",
        "{% for i in range(999) %}{% set x = big|upper %}{% endfor %}",
        "{% for i in range(20) %}{% set x = ([big] * 19)|map('upper')|list %}{% endfor %}",
        "{% for i in range(999) %}{% set x = big ~ 'x' %}{% endfor %}",
        "{{ ([0] * 9999)|select('in', [1] * 99999)|list|length }}",
        "{% macro m(n) %}{% if n %}{% set x = m(n - 1) ~ m(n - 1) %}{% endif %}{% endmacro %}{{ m(60) }}",
    ],
)
def test_nothing_takes_more_steps_than_a_bound(source: str) -> None:
    assert refusal(source) in ("it takes more than 100000 steps.", "it takes more than 0.25 s.")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("{% for i in range(10**9) %}{% endfor %}", "a range has 1000 numbers at most."),
        ("{{ range(0, 5000, 4)|list }}", "a range has 1000 numbers at most."),
        ("{{ ['y' * 99999] * 99999 ~ '' }}", "a filter or call is given more than 1000000 characters and items."),
        ("{{ ([big] * 99999)|sort|length }}", "a filter or call is given more than 1000000 characters and items."),
        ("{{ ([[0] * 99] * 999)|sum(start=[])|length }}", "only numbers are summed up here"),
        ("{{ 1.5|round(10**8, 'ceil') }}", "a number is rounded to 15 digits at most."),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "maximum recursion depth exceeded"),
        ("{% for i in items recursive %}{{ loop(items) }}{% endfor %}", "A loop cannot be recursive here."),
        ("{{ '%s' % 1 }}", "the % operator does not format texts here; use ~ to join them."),
        ("{{ '%999999999d' % 1 }}", "the % operator does not format texts here; use ~ to join them."),
        ("{{ 1 / 0 }}", "division by zero."),
        ("{{ 'a' + 1 }}", "can only concatenate str"),
        ("{{ 3|first }}", "'int' object is not iterable."),
        ("{{ 3|dictsort }}", "'int' object has no attribute 'items'."),
        ("{{ contact.name", "unexpected end of template"),
        ("{% include 'other' %}", "no loader for this environment specified."),
        ("{{ now.strftime('%Y').nope }}", "'str object' has no attribute 'nope'."),
    ],
)
def test_whatever_goes_wrong_is_one_kind_of_error(source: str, reason: str) -> None:
    assert refusal(source).startswith(reason)


@pytest.mark.parametrize(
    "method",
    ["center", "expandtabs", "format", "format_map", "join", "ljust", "replace", "rjust", "translate", "zfill"],
)
def test_methods_of_texts_that_make_long_texts_are_shut(method: str) -> None:
    assert refusal(f"{{{{ 'x'.{method}(10**9)|length }}}}") == (
        f"access to attribute {method!r} of 'str' object is unsafe."
    )


@pytest.mark.parametrize(
    "name",
    ["batch", "center", "format", "indent", "pprint", "slice", "striptags", "tojson", "urlize", "wordwrap", "xmlattr"],
)
def test_filters_that_make_long_texts_are_not_there(name: str) -> None:
    assert refusal(f"{{{{ 'x'|{name}(10**9)|length }}}}") == f"No filter named {name!r}."


def test_the_longest_text_that_fits_is_printed() -> None:
    assert len(render("{{ big }}{{ big }}")) == MAX_MADE
    assert len(render(f"{{{{ 'x' * {MAX_MADE} }}}}")) == MAX_MADE
    refusal(f"{{{{ 'x' * {MAX_MADE + 1} }}}}")


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ [1, 2, 3]|sum }} {{ items|map('length')|sum }}", "6 0"),
        ("{{ 2.345|round(1) }} {{ 2.345|round(2, 'floor') }} {{ 7|round }}", "2.3 2.34 7"),
        ("{{ (range(1000)|list)|length }} {{ 3 is divisibleby 3 }} {{ ['b', 'a']|sort|join }}", "1000 True ab"),
    ],
)
def test_what_is_bounded_works_within_its_bounds(source: str, text: str) -> None:
    assert render_text(source, {"items": ()}) == text


@pytest.mark.parametrize("source", ["{{ 'x'.encode().ljust(10**9) }}", "{{ (1).to_bytes(10**9) }}"])
def test_methods_of_bytes_and_numbers_that_make_long_ones_are_shut(source: str) -> None:
    assert refusal(source).endswith("object is unsafe.")


def test_no_render_takes_long() -> None:
    slow = "{% for i in range(1000) %}{% if -1 in numbers %}{% endif %}{% endfor %}"
    began = time.thread_time()
    with pytest.raises(PromptError, match=r"it takes more than 0\.25 s"):
        render_text(slow, {"numbers": tuple(range(100_000))})
    assert time.thread_time() - began < 1


def test_no_garbage_is_looked_for_while_something_is_rendered() -> None:
    class Garbage:
        def __str__(self) -> str:
            return "looked for" if gc.isenabled() else "left alone"

    assert gc.isenabled()
    assert render_text("It is {{ garbage }}.", {"garbage": Garbage()}) == "It is left alone."
    assert gc.isenabled()


def test_garbage_is_looked_for_again_after_renders_in_several_threads() -> None:
    started, may_end = threading.Event(), threading.Event()

    class Slow:
        def __str__(self) -> str:
            started.set()
            return str(may_end.wait())

    other = threading.Thread(target=render_text, args=("{{ slow }}", {"slow": Slow()}))

    def end_the_other(_: object, event: str, called: object) -> None:
        if event == "c_return" and called is gc.isenabled:
            may_end.set()
            other.join()

    other.start()
    started.wait()
    sys.setprofile(end_the_other)
    try:
        render_text("{{ name }}", {"name": "Ana"})
    finally:
        sys.setprofile(None)
        may_end.set()
        other.join()
    assert gc.isenabled()


def test_what_one_render_spent_is_not_missing_to_the_next() -> None:
    busy = "{% for i in [0] * 60000 %}{% endfor %}done"
    assert [render(busy) for _ in range(3)] == ["done"] * 3


# ─── message templates ───


@pytest.mark.parametrize(
    ("source", "found", "body"),
    [
        ("Hello.", [], "Hello."),
        ("Hi {{ contact.first_name }}!", ["contact.first_name"], "Hi {{1}}!"),
        ("{{a}}{{ b.c }} {{- d -}} .", ["a", "b.c", "d"], "{{1}}{{2}}{{3}}."),
        ("{{ contact.first_name or 'there' }}", ["contact.first_name or 'there'"], "{{1}}"),
        ("{{ {'a': 1}['a'] }}", ["{'a': 1}['a']"], "{{1}}"),
        ("{{ '}}' }}", ["'}}'"], "{{1}}"),
        ("one\n{{ a }}\ntwo", ["a"], "one\n{{1}}\ntwo"),
    ],
)
def test_the_expressions_of_a_template_become_numbered_blanks(source: str, found: list[str], body: str) -> None:
    assert list(expressions(source)) == found
    assert with_blanks(source) == body


@pytest.mark.parametrize(
    "source", ["{% if a %}x{% endif %}", "{# note #}", "{% raw %}x{% endraw %}", "{%- set a = 1 %}"]
)
def test_a_template_has_blanks_only(source: str) -> None:
    with pytest.raises(PromptError, match="A template has blanks only"):
        expressions(source)


@pytest.mark.parametrize("source", ["{{ a", "{{ 'a }}", "{{ a ] }}", "{{ ` }}"])
def test_a_template_that_is_no_jinja_is_refused(source: str) -> None:
    with pytest.raises(PromptError, match="This is not Jinja"):
        expressions(source)


@pytest.mark.parametrize(("parameter", "blank"), [("contact.name", "{{ contact.name }}"), ("{{ x }}", "{{ x }}")])
def test_a_parameter_may_leave_out_its_braces(parameter: str, blank: str) -> None:
    assert as_blank(parameter) == blank


# ─── checks before anyone renders ───

KNOWN = {"contact": frozenset({"name", "first_name"}), "slots": frozenset({"order_id"}), "now": None}


@pytest.mark.parametrize(
    "source",
    [
        "Hello.",
        "{{ contact.first_name }} {{ slots.order_id }} {{ slots['order_id'] }}",
        "{{ now.year }} {{ now.anything }} {{ now['anything'] }}",
        "{% for contact in slots %}{{ contact.anything }}{% endfor %}",
        "{% set note = 1 %}{{ note.anything }}",
        "{% for i in range(3) %}{{ loop.index }}{% endfor %}",
        "{% macro m(x) %}{{ x.y }}{% endmacro %}{{ m(contact) }}",
        "{{ slots[contact.name] }}",
    ],
)
def test_names_that_exist_pass(source: str) -> None:
    assert list(check(source, KNOWN)) == []


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("{{ contct.name }}", Problem("There is no 'contct' here.", "Did you mean 'contact'?", line=1)),
        ("one\n\n{{ contact.nme }}", Problem("There is no 'nme' in 'contact'.", "Did you mean 'name'?", line=3)),
        ("{{ contact['nme'] }}", Problem("There is no 'nme' in 'contact'.", "Did you mean 'name'?", line=1)),
        ("{{ slots.zzz }}", Problem("There is no 'zzz' in 'slots'.", "Known here: order_id.", line=1)),
        ("{{ zzz() }}", Problem("There is no 'zzz' here.", "Known here: contact, now, slots.", line=1)),
    ],
)
def test_a_name_that_cannot_exist_is_found_with_its_line(source: str, problem: Problem) -> None:
    (found,) = check(source, KNOWN)
    assert (found.message, found.remedy, found.line) == (problem.message, problem.remedy, problem.line)
    assert f"'{found.word}'" in found.message


LOOK = "Check the braces and the words between them."


@pytest.mark.parametrize(
    ("source", "message", "line"),
    [
        ("one\n{{ contact.name", "This is not Jinja: {{ is not closed. Write }} where it ends.", 2),
        ("one {{ contact.name }", "This is not Jinja: {{ is closed by }}, and not by one brace. Write }}.", 1),
        ("\n{% if contact.name", "This is not Jinja: {% is not closed. Write %} where it ends.", 2),
        ("{{ }}", "This is not Jinja: nothing stands between the braces. Write what is meant, or leave them out.", 1),
        ("{{ contact.name or }}", f"This is not Jinja: something is missing at the end of this. {LOOK}", 1),
        ("{% if %}x{% endif %}", f"This is not Jinja: something is missing before %}}. {LOOK}", 1),
        ("{% fro x in now %}", "There is no 'fro' between {% and %}. Did you mean 'from'?", 1),
        ("x {% endif %}", "This 'endif' ends what was not begun. Leave it out, or begin it before.", 1),
        ("{% if now %}x{% endfor %}", "This 'endfor' ends what was not begun. Leave it out, or begin it before.", 1),
        (
            "\n{% for x in now recursive %}{% endfor %}",
            f"This is not Jinja: A loop cannot be recursive here. {LOOK}",
            2,
        ),
    ],
)
def test_what_is_no_jinja_is_found_with_its_line(source: str, message: str, line: int) -> None:
    (problem,) = check(source, KNOWN)
    assert (f"{problem.message} {problem.remedy}", problem.line) == (message, line)


@pytest.mark.parametrize(
    ("source", "line", "name"),
    [
        ("{% if now %}\nx\n", 1, "if"),
        ("{% if now %}\n{% for x in now %}\n{% endfor %}\n", 1, "if"),
        ("{% if now %}\n{%- for x in now -%}\n{% if x %}{% endif %}", 2, "for"),
    ],
)
def test_a_block_without_an_end_is_named_where_it_begins(source: str, line: int, name: str) -> None:
    (problem,) = check(source, KNOWN)
    assert problem.line == line
    assert (problem.message, problem.remedy) == (
        f"This {{% {name} … %}} has no end.",
        f"Write {{% end{name} %}} where it ends.",
    )


def test_filters_and_tests_that_are_not_there_are_all_named_with_the_nearest_allowed_one() -> None:
    source = "{{ now|uper }}\n{{ now|tojson }} {{ zzz }}\n{{ now is nnoe }}"
    found = sorted(
        ((problem.line, problem.message, problem.remedy) for problem in check(source, KNOWN)),
        key=lambda problem: (problem[0], "zzz" in problem[1]),
    )
    assert found[0] == (1, "There is no filter 'uper'.", "Did you mean 'upper'?")
    assert found[1] == (2, "The filter 'tojson' is not allowed here.", "Did you mean 'join'?")
    assert found[2] == (2, "There is no 'zzz' here.", "Known here: contact, now, slots.")
    assert found[3] == (3, "There is no test 'nnoe'.", "Did you mean 'none'?")


def test_every_name_that_cannot_exist_is_found_at_once() -> None:
    source = "{{ contact.a }}\n{{ slots.b }}\n{{ c }}\n{{ slots['d'] }}"
    assert sorted(problem.line for problem in check(source, KNOWN)) == [1, 2, 3, 4]


def test_a_text_that_is_nested_without_end_is_a_problem_and_no_crash() -> None:
    (problem,) = check("{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}", KNOWN)
    assert (problem.message, problem.line) == ("This is nested too deeply for Jinja.", 1)


# ─── prompts in files ───


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "concierge.md.j2").write_text("Hello {{ contact.first_name }}.\n{% include 'parts/rules.md.j2' %}")
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts/rules.md.j2").write_text("Be kind to {{ contact.first_name }}.")
    (tmp_path / "notes.txt").write_text("no prompt")
    return tmp_path


def test_a_prompt_is_rendered_with_what_it_includes(folder: Path) -> None:
    assert Prompts(folder).render("concierge", NAMES) == "Hello Sofia.\nBe kind to Sofia."


def test_the_prompts_of_a_folder_are_known_by_name(folder: Path) -> None:
    assert Prompts(folder).names() == ["concierge", "parts/rules"]
    assert Prompts(folder / "nowhere").names() == []


def test_a_prompt_without_mistakes_passes(folder: Path) -> None:
    assert list(Prompts(folder).check("concierge", KNOWN)) == []
    assert list(Prompts(folder).check("parts/rules", KNOWN)) == []


@pytest.mark.parametrize("name", ["conciergee", "../concierge", "/concierge", "", "notes.txt"])
def test_a_prompt_that_cannot_be_loaded_is_a_problem_with_the_nearest_name(folder: Path, name: str) -> None:
    (problem,) = Prompts(folder).check(name, KNOWN)
    assert problem.message.startswith(f"There is no prompt {name!r} (")
    assert "concierge" in problem.remedy


def test_a_mistake_in_a_prompt_is_named_with_its_file_and_line(folder: Path) -> None:
    path = folder / "wrong.md.j2"
    path.write_text("# Rules\n\n- Greet {{ contact.nme }}.\n")
    found = Problem("There is no 'nme' in 'contact'.", "Did you mean 'name'?", path, 3, 20, 23)
    assert list(Prompts(folder).check("wrong", KNOWN)) == [found]


def test_a_prompt_that_is_not_utf8_is_a_problem(folder: Path) -> None:
    path = folder / "latin.md.j2"
    path.write_bytes("Señor".encode("latin-1"))
    (problem,) = Prompts(folder).check("latin", KNOWN)
    assert (problem.path, problem.line, problem.remedy) == (path, 1, "Save it as UTF-8.")


@pytest.mark.parametrize(
    ("name", "reason"),
    [("gone", "'gone.md.j2' not found"), ("broken", "unexpected end of template"), ("../concierge", "concierge")],
)
def test_a_prompt_that_went_wrong_meanwhile_is_a_prompt_error(folder: Path, name: str, reason: str) -> None:
    (folder / "broken.md.j2").write_text("{{ contact")
    with pytest.raises(PromptError, match=rf"'{name}\.md\.j2' cannot be rendered: .*{reason}"):
        Prompts(folder).render(name, NAMES)


def test_a_prompt_is_bounded_as_texts_are(folder: Path) -> None:
    (folder / "long.md.j2").write_text("{% for i in range(9) %}{% include 'part.md.j2' %}{% endfor %}")
    (folder / "part.md.j2").write_text("{{ big }}")
    with pytest.raises(PromptError, match="it makes more than"):
        Prompts(folder).render("long", NAMES)


@pytest.mark.parametrize("path", ["prompts/concierge.md.j2", "botkit/responders/assistant.md.j2"])
@pytest.mark.parametrize("held", [(), ("We kept the corner table.", "Until {{ nine }}.")])
def test_the_prompts_of_botkit_tell_the_model_what_was_not_read_yet(path: str, held: tuple[str, ...]) -> None:
    known = {**names(turn("Hello", held=held), State()), "history": [], "passages": []}
    rendered = render_text((ROOT / path).read_text(), known)
    assert [words in rendered for words in held] == [True] * len(held)
    assert ("tell it in your answer" in rendered) is bool(held)
