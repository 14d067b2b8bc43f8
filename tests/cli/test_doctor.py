"""`botkit doctor`: is everything there that the bots need?"""

from __future__ import annotations

import json
from pathlib import Path

from botkit.cli.doctor import lines
from botkit.doctor.findings import Finding, Level
from tests.cli.command import botkit
from tests.processes import Process

OK = Finding(Level.OK, "Good.", check="store")
WARNING = Finding(Level.WARNING, "Odd.", "Look.", "models")
PROBLEM = Finding(Level.PROBLEM, "Bad.", "Mend it.", "api")


def test_each_finding_is_a_line_with_its_remedy_below() -> None:
    assert list(lines([OK, WARNING, PROBLEM, PROBLEM]))[:4] == [
        "\x1b[32mok      \x1b[0m store      Good.",
        "\x1b[33mwarning \x1b[0m models     Odd.",
        f"{'':19} → Look.",
        "\x1b[31mproblem \x1b[0m api        Bad.",
    ]


def test_the_sum_is_told() -> None:
    assert list(lines([OK]))[-1] == "\nAll is well."
    assert list(lines([OK, WARNING]))[-1] == "\n1 warning."
    assert list(lines([WARNING, PROBLEM, PROBLEM]))[-1] == "\n2 problems, 1 warning."


def test_with_nothing_configured_all_is_well_and_what_is_skipped_is_told(folder: Path) -> None:
    ended = botkit(folder, "doctor")
    assert (ended.status, ended.err) == (0, ""), ended.out
    assert "ok       bots       shop, hotel, auto_reply load and check." in ended.out
    assert "skipped  api        The gateway is embedded in `botkit run`: there is no account to ask." in ended.out
    assert not list(folder.glob("*.db*"))


def test_beside_a_running_server_all_is_well(folder: Path) -> None:
    with Process("botkit", "run", folder=folder):
        ended = botkit(folder, "doctor", "--json")
    assert ended.status == 0
    (store,) = [item for item in json.loads(ended.out) if item["check"] == "store"]
    assert (store["level"], store["message"].endswith("is current.")) == ("ok", True)


def test_a_configuration_that_is_wrong_is_a_problem_with_its_place(folder: Path) -> None:
    (folder / "config.yaml").write_text("server:\n  prot: 80\n")
    ended = botkit(folder, "doctor")
    assert ended.status == 1
    assert ended.out.startswith("problem  config     config.yaml:2:3: ")
    assert "→ Did you mean 'port'?" in ended.out


def test_a_bot_that_is_wrong_is_a_problem_and_no_end_of_the_others(folder: Path) -> None:
    (folder / "bots/shop.yaml").write_text("bot: shop\nchanels: [webchat]\n")
    ended = botkit(folder, "doctor", "--json")
    assert ended.status == 1
    found = json.loads(ended.out)
    problems = [item for item in found if item["level"] == "problem"]
    assert {item["check"] for item in problems} == {"bots"}
    assert any("shop.yaml:2:1: " in item["message"] for item in problems)
    assert {"python", "store", "disk", "api", "clock", "address", "models"} <= {item["check"] for item in found}


def test_an_api_that_is_not_reached_is_a_problem(folder: Path) -> None:
    (folder / "config.yaml").write_text("api: {url: 'http://127.0.0.1:1/api', key: a-secret-key}\n")
    ended = botkit(folder, "doctor")
    assert ended.status == 1
    assert "problem  api        http://127.0.0.1:1/api cannot be used: " in ended.out
    assert "a-secret-key" not in ended.out + ended.err
