"""What holds the house together: its ladder, its public names, its samples, and docs that know every setting."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

import botkit
from botkit import errors
from botkit.config import Config, Team, load
from botkit.dialogue.window import REASONS
from botkit.messaging.dialects import DIALECTS
from botkit.project import load_project
from botkit.prompts import Prompts
from botkit.spec.schema import BotFile, BurstSpec, IntentSpec, SlotSpec, TemplateSpec, WindowSpec
from botkit.spec.texts import TextParts
from tests.conftest import ROOT

PACKAGE = ROOT / "botkit"

LADDER = [
    {"__main__", "__init__", "venv"},
    {"cli", "testing"},
    {"app", "gateway_app", "doctor"},
    {"project"},
    {"builder"},
    {"gateway"},
    {"web", "plugins"},
    {
        "runtime",
        "messaging",
        "handlers",
        "recognizers",
        "responders",
        "knowledge",
        "slots",
        "llms",
        "stores",
    },
    {"spec"},
    {"prompts", "config", "logs", "metrics"},
    {"checking"},
    {"wordings"},
    {"protocols", "strict_yaml", "jinja", "literals"},
    {"handing", "inspecting"},
    {"diagnosis", "jinja_syntax", "marks", "ledger", "sources", "tools", "files"},
    {"dialogue"},
    {"errors"},
]
RANK = {room: rank for rank, rooms in enumerate(LADDER) for room in rooms}
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "new_bot" not in path.parts)


def room_of(path: Path) -> str:
    """The room, or the file, right below the package."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def rooms_imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            module = node.module or ""
            names = [f"{module}.{alias.name}" for alias in node.names] if module == "botkit" else [module]
        for name in names:
            package, _, rest = name.partition(".")
            if package == "botkit" and rest and rest != "__version__":
                yield rest.partition(".")[0]


def document(name: str) -> str:
    return (ROOT / "docs" / name).read_text()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_arrows_between_rooms_point_down(path: Path) -> None:
    room = room_of(path)
    for imported in rooms_imported(path):
        assert imported == room or RANK[imported] > RANK[room] or room == "__init__", f"{room} may not know {imported}"


def test_the_ladder_of_the_docs_is_the_ladder_of_the_code() -> None:
    drawn = re.findall(r"```\n( cli .*?)```", document("architecture.md"), re.DOTALL)[0]
    rows = [set(re.findall(r"\w+", line)) for line in drawn.strip().splitlines()]
    assert rows == LADDER[1:]


def test_the_heart_is_pure() -> None:
    for path in (PACKAGE / "dialogue").glob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text())))
        imported = {node.module.partition(".")[0] for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
        imported |= {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
        assert not any(isinstance(node, ast.AsyncFunctionDef | ast.Await) for node in nodes), path
        assert imported <= sys.stdlib_module_names | {"botkit"}, path
        assert not imported & {"asyncio", "logging", "time", "os", "sqlite3"}, path


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_file_says_what_it_is_and_has_a_human_size(path: Path) -> None:
    source = path.read_text()
    assert ast.get_docstring(ast.parse(source)), "a file begins with a sentence"
    assert len(source.splitlines()) <= 400, "a file of more than 400 lines asks for another room"


def test_public_names_are_there_and_nothing_else_is() -> None:
    names = set(botkit.__all__) - {"__version__"}
    assert all(getattr(botkit, name) for name in names)
    tree = ast.parse((PACKAGE / "__init__.py").read_text())
    checked = {alias.asname for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert checked - {None} == names
    with pytest.raises(AttributeError, match="has no attribute 'Bott'"):
        botkit.Bott  # noqa: B018


def test_importing_botkit_imports_nothing_heavy() -> None:
    tree = ast.parse((PACKAGE / "__init__.py").read_text())
    modules = {node.module for node in tree.body if isinstance(node, ast.ImportFrom)}
    assert modules == {"__future__", "importlib", "typing"}


@pytest.mark.parametrize("path", sorted((ROOT / "bots").glob("*.yaml")), ids=lambda path: path.name)
def test_every_sample_bot_checks_without_a_warning(path: Path) -> None:
    project = load_project(Config(bots=[str(path)], prompts=str(ROOT / "prompts")))
    assert not project.warnings


def test_the_smallest_sample_is_small() -> None:
    assert len((ROOT / "bots/auto_reply.yaml").read_text().splitlines()) < 15


def test_every_prompt_renders() -> None:
    project = load_project(Config(bots=[str(ROOT / "bots/hotel.yaml")], prompts=str(ROOT / "prompts")))
    assert Prompts(ROOT / "prompts").names() == ["concierge"]
    assert project.bots["hotel"].llm is not None


def test_the_example_configuration_states_the_defaults() -> None:
    assert load(ROOT / "config.example.yaml", {}).model_dump() == load(None, {}).model_dump()


def settings(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        kind = field.annotation
        if inspect.isclass(kind) and issubclass(kind, BaseModel):
            yield from settings(kind, f"{prefix}{name}.")
        elif name == "models":
            yield from settings(type(Config().models["default"]), "models.<name>.")
        elif name == "teams":
            yield from settings(Team, "teams.<name>.")
        else:
            yield f"{prefix}{name}"


def test_every_setting_stands_in_the_docs() -> None:
    written = document("configuration.md")
    assert [name for name in settings(Config) if f"`{name}`" not in written] == []


def test_every_setting_of_the_docs_exists() -> None:
    listed = re.findall(r"^\| `([\w.<>]+)` \|", document("configuration.md"), re.MULTILINE)
    assert sorted(listed) == sorted(settings(Config))


def test_every_error_stands_in_the_docs_and_in_the_tree() -> None:
    classes = {name for name, value in vars(errors).items() if inspect.isclass(value) and issubclass(value, Exception)}
    listed = set(re.findall(r"^\| `([A-Z]\w+)` \|", document("errors.md"), re.MULTILINE)) | {"BotkitError"}
    assert listed == classes
    assert all(name in (errors.__doc__ or "") for name in classes)


def test_every_reason_for_withholding_stands_in_the_docs() -> None:
    listed = set(re.findall(r"^\| `(\w+)` \| ", document("hosted.md"), re.MULTILINE))
    assert listed - set(DIALECTS) == set(REASONS)


@pytest.mark.parametrize("model", [BotFile, BurstSpec, IntentSpec, SlotSpec, TemplateSpec, TextParts, WindowSpec])
def test_every_key_of_a_bot_file_stands_in_the_docs(model: type[BaseModel]) -> None:
    written = document("bot-file.md")
    keys = [field.alias or name for name, field in model.model_fields.items()]
    assert [key for key in keys if f"`{key}`" not in written] == []
