"""`botkit new`: a small bot that runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from botkit.spec.json_schema import json_schema
from tests.cli.command import botkit

TALK = "hello\ncount the letters\nbotkit\nwhat is this?\n"
ANSWERS = ["Hi, what can I do for you?", "Of which word?", "botkit has 6 letters."]


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def answers(folder: Path, bot: str) -> list[str]:
    lines = botkit(folder, "chat", bot, said=TALK).out.splitlines()
    return [line.removeprefix(f"{bot}: ") for line in lines if line.startswith(f"{bot}: ")]


def test_in_an_empty_folder_a_bot_is_written_that_checks_and_chats(tmp_path: Path) -> None:
    ended = botkit(tmp_path, "new", "my_cafe")
    assert ended.status == 0
    assert ended.out.endswith("Run it: botkit run\n")
    assert files(tmp_path) == {
        "bots/my_cafe.yaml",
        "bots/my_cafe.py",
        "bots/bot.schema.json",
        "bots/knowledge/my_cafe.md",
        "config.yaml",
    }
    checked = botkit(tmp_path, "check")
    assert (checked.status, checked.err) == (0, "")
    said = answers(tmp_path, "my_cafe")
    assert said[:3] == ANSWERS
    assert said[3].startswith("my_cafe is a bot made with botkit.")


def test_the_schema_that_the_bot_names_lies_beside_it(tmp_path: Path) -> None:
    botkit(tmp_path, "new", "cafe")
    first = (tmp_path / "bots/cafe.yaml").read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=bot.schema.json"
    assert json.loads((tmp_path / "bots/bot.schema.json").read_text()) == json_schema()


def test_beside_the_samples_it_runs_with_them(folder: Path) -> None:
    (folder / "bots/auto_reply.yaml").unlink()
    ended = botkit(folder, "new", "cafe")
    assert ended.out.endswith("Run it (with shop, hotel): botkit run\n")
    checked = botkit(folder, "check")
    assert [line.partition(":")[0] for line in checked.out.splitlines()] == [
        f"bots/{name}.yaml" for name in ("shop", "hotel", "cafe")
    ]


def test_beside_a_config_it_is_left_as_it_is(folder: Path) -> None:
    (folder / "config.yaml").write_text("bots: [bots/shop.yaml]  # ours\n")
    ended = botkit(folder, "new", "cafe")
    assert ended.status == 0
    assert "add it to bots: in config.yaml" in ended.out
    assert (folder / "config.yaml").read_text() == "bots: [bots/shop.yaml]  # ours\n"
    checked = botkit(folder, "check", "bots/cafe.yaml")
    assert (checked.status, checked.err) == (0, "")
    assert answers(folder, "cafe")[:3] == ANSWERS


def test_it_can_be_written_into_another_folder(tmp_path: Path) -> None:
    ended = botkit(tmp_path, "new", "cafe", "--folder", "there/and/then")
    assert ended.out.endswith("Run it: cd there/and/then && botkit run\n")
    assert botkit(tmp_path / "there/and/then", "check").status == 0


@pytest.mark.parametrize("existing", ["bots/cafe.yaml", "bots/cafe.py", "bots/knowledge/cafe.md"])
def test_nothing_is_overwritten(tmp_path: Path, existing: str) -> None:
    path = tmp_path / existing
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    ended = botkit(tmp_path, "new", "cafe")
    assert ended.status == 1
    assert ended.sentence == f"{existing} exists already. Choose another name, or move it away."
    assert files(tmp_path) == {existing}


@pytest.mark.parametrize("name", ["Café", "my-shop", "1st", "../shop", "", "x" * 65])
def test_a_name_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    ended = botkit(tmp_path, "new", name)
    assert ended.status == 2
    assert ended.sentence.startswith(f"{name!r} is no name for a bot. Write lower-case letters")
    assert not files(tmp_path)
