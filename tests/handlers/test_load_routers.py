"""A bot's Python file, imported, or what is wrong with it."""

from __future__ import annotations

from inspect import cleandoc
from pathlib import Path

import pytest

from botkit.errors import ConfigError, Problem
from botkit.handlers.bot_handlers import BotHandlers, load_routers
from botkit.handlers.router import Router


def problem(path: Path, source: str) -> Problem:
    """The one thing that is wrong with a file."""
    path.write_text(source)
    with pytest.raises(ConfigError) as caught:
        load_routers(path)
    (found,) = caught.value.problems
    return found


def test_a_bot_without_a_python_file_has_no_routers(tmp_path: Path) -> None:
    assert load_routers(tmp_path / "shop.py") == []


def test_every_router_of_a_file_is_found_once_also_imported_ones(tmp_path: Path) -> None:
    path = tmp_path / "shop.py"
    path.write_text("from botkit import Router\nrouter = alias = Router()\nother = Router()\nnot_one = Router\n")
    routers = load_routers(path)
    assert len(routers) == 2
    assert all(isinstance(router, Router) for router in routers)


def test_two_files_of_one_name_do_not_disturb_each_other(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        source = f"""
            from dataclasses import dataclass
            from botkit import Router
            router = Router()
            @dataclass
            class Orders:
                name: str = "{name}"
            @router.provide
            def orders() -> Orders:
                return Orders()
        """
        (tmp_path / name / "shop.py").write_text(cleandoc(source))
    made = [load_routers(tmp_path / name / "shop.py")[0].provided[0].factory().name for name in ("one", "two")]
    assert made == ["one", "two"]


@pytest.mark.parametrize(
    ("source", "line", "column", "message"),
    [
        ("x = 1\n\nrouter = Ruoter()\n", 3, 1, "NameError: name 'Ruoter' is not defined."),
        ("import nowhere_at_all\n", 1, 1, "ModuleNotFoundError: No module named 'nowhere_at_all'."),
        ("def make():\n    1 / 0\n\nmake()\n", 2, 1, "ZeroDivisionError: division by zero."),
        (
            "import json\n\njson.loads('{')\n",
            3,
            1,
            "JSONDecodeError: Expecting property name",
        ),
        ("x = 1\ndef broken(:\n    pass\n", 2, 12, "invalid syntax"),
        ("if True:\nx = 1\n", 2, 1, "expected an indented block"),
        (
            "from botkit import Router\nRouter().tool(effect='sometimes')\n",
            2,
            1,
            "ValueError: 'sometimes'",
        ),
        (
            "from botkit import Router\nRouter().intent('status')(print)\n",
            2,
            1,
            "TypeError: <built-in function print> is no function; declare a def or an async def.",
        ),
        (
            "from botkit import Router\nRouter().timer('remind')(print)\n",
            2,
            1,
            "TypeError: <built-in function print> is",
        ),
        ("from botkit import Router\nRouter().fallback(Router())\n", 2, 1, "TypeError: <botkit.handlers.router.Router"),
        ("from botkit import Router\nRouter().provide(dict)\n", 2, 1, "TypeError: <class 'dict'> is no function"),
    ],
)
def test_a_file_that_cannot_be_imported_is_named_with_the_line_that_failed(
    tmp_path: Path, source: str, line: int, column: int, message: str
) -> None:
    found = problem(tmp_path / "shop.py", source)
    assert (found.path, found.line, found.column) == (tmp_path / "shop.py", line, column)
    assert found.message.startswith((f"This file cannot be imported: {message}", f"This file is not Python: {message}"))


def test_a_module_that_is_not_there_is_named_with_its_import_and_how_to_get_it(tmp_path: Path) -> None:
    found = problem(tmp_path / "shop.py", "from botkit import Router\n\nimport payments_of_ours\n")
    assert (found.line, found.column) == (3, 1)
    assert found.remedy.startswith("Install it beside botkit (python -m pip install …), or put payments_of_ours.py")


@pytest.mark.parametrize("source", ["x = 1\n1 / 0\n", "x = 1\n= 2\n"])
def test_the_line_is_found_also_by_a_relative_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert problem(Path("shop.py"), source).line == 2


@pytest.mark.parametrize("mistake", ["1 / 0", "= 2"])
def test_a_mistake_in_a_module_that_the_file_imports_is_named_at_the_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mistake: str
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "beside_the_shop.py").write_text(f"\n\n\n{mistake}\n")
    found = problem(tmp_path / "shop.py", "x = 1\nimport beside_the_shop\n")
    assert (found.line, found.column) == (2, 1)


def test_a_file_without_a_router_is_told_how_to_begin(tmp_path: Path) -> None:
    found = problem(tmp_path / "shop.py", "x = 1\n")
    assert (found.line, found.column, found.message) == (1, 1, "This file declares no router.")
    path = tmp_path / "begun.py"
    path.write_text(found.remedy.removeprefix("Begin it with: ").replace("; ", "\n"))
    assert len(load_routers(path)) == 1


def test_a_file_that_failed_can_be_mended_and_imported_again(tmp_path: Path) -> None:
    path = tmp_path / "shop.py"
    problem(path, "1 / 0\n")
    path.write_text("from botkit import Router\nrouter = Router()\n")
    assert len(load_routers(path)) == 1


def test_the_handler_to_paste_can_be_pasted(tmp_path: Path) -> None:
    path = tmp_path / "shop.py"
    header = "from botkit import Router, Turn\n\nrouter = Router()\n\n\n"
    path.write_text(header + BotHandlers({}, None, ()).suggestion("order_status"))
    (router,) = load_routers(path)
    assert [declared.name for declared in router.intents] == ["order_status"]


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "shop.py"
    path.write_bytes(b"x = 1\ny = '\xe9'\n")
    with pytest.raises(ConfigError, match=r"shop\.py(:\d+:\d+)?: This file is not Python: "):
        load_routers(path)


def test_a_decorated_function_stays_the_function_that_it_was() -> None:
    router = Router()

    def status() -> str:
        return "Hello"

    for declare in (
        router.intent("status"),
        router.timer("remind"),
        router.fallback,
        router.provide,
        router.tool(effect="idempotent"),
    ):
        assert declare(status) is status
