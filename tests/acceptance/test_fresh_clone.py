"""A fresh clone, an empty environment, and the README's first command."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.conftest import ROOT, require
from tests.processes import Process, environment


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `git clone` gives, with the work in hand."""
    folder = tmp_path_factory.mktemp("clone")
    files = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if files.returncode:
        require("git", "this folder is no git repository")
    for name in filter(None, files.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())
    return folder


def bare_environment() -> dict[str, str]:
    """No environment, no settings of ours; only pip's own, for machines that reach PyPI through a mirror."""
    kept = {name: value for name, value in os.environ.items() if name.startswith("PIP_") or name in ("HOME", "LANG")}
    return {**kept, "PATH": "/usr/local/bin:/usr/bin:/bin"}


def first_command() -> list[str]:
    command = re.findall(r"^```sh\n(.*?)^```$", (ROOT / "README.md").read_text(), re.DOTALL | re.MULTILINE)[0]
    python, *arguments = str(command).split()
    assert python == "python3"
    return [getattr(sys, "_base_executable", sys.executable), *arguments]


def test_one_command_makes_the_environment_and_serves_the_chat(clone: Path) -> None:
    process = Process(*first_command(), folder=clone, patience=300.0)
    process.environment = bare_environment()
    with process:
        assert (clone / ".venv").is_dir()
        with urllib.request.urlopen(process.url, timeout=10) as response:  # noqa: S310
            assert b'id="text"' in response.read()
        output = process.output()
        assert f"Chat: {process.url}/" in output
        assert "No model is configured" in output
    assert (clone / "botkit.db").exists()


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ("{store: memory, gateway: memory}", "is in use: stop what listens there, or add --port"),
        ("{}", "Another botkit is running on botkit.db."),
        ("{bots: [bots/sohp.yaml]}", "There is no bot file bots/sohp.yaml."),
        ("{api: {url: https://api.example.com}}", "server.public_url is not set. Set it to the address of your tunnel"),
    ],
)
def test_what_keeps_it_from_starting_gets_one_sentence_with_the_remedy(
    folder: Path, config: str, sentence: str
) -> None:
    (folder / "other.yaml").write_text(config)
    with Process("botkit", "run", folder=folder) as process:
        other = subprocess.run(
            ["botkit", "run", "--config", "other.yaml", "--port", str(process.port)],
            cwd=folder,
            env=process.environment,
            capture_output=True,
            text=True,
            check=False,
        )
    assert other.returncode in (1, 2)
    assert sentence in other.stderr
    assert other.stderr.count("\n") == 1


def test_a_folder_without_bots_gets_one_sentence_with_the_remedy(tmp_path: Path) -> None:
    ran = subprocess.run(
        ["botkit", "run"], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
    )
    assert ran.returncode == 2
    assert (
        ran.stderr
        == "There is no bot here. Write one by `botkit new NAME`, or name yours in config.yaml (bots: […]).\n"
    )


@pytest.mark.parametrize(
    ("lacking", "sentence"),
    [
        ("import sys; sys.modules['ensurepip'] = None", "sudo apt install python3."),
        ("import sys; sys.version_info = (3, 10, 0, 'final', 0)", "botkit needs Python 3.11 or newer"),
    ],
)
def test_what_a_stock_machine_lacks_gets_one_sentence_with_the_remedy(
    tmp_path: Path, lacking: str, sentence: str
) -> None:
    (tmp_path / "sitecustomize.py").write_text(lacking)
    ran = subprocess.run(
        [sys.executable, "-m", "botkit.venv", "botkit", "run"],
        cwd=ROOT,
        env={**bare_environment(), "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert sentence in ran.stderr
    assert ran.stderr.count("\n") == 1
