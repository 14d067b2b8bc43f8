"""The bots of a configuration together: vars that it replaces, bots that hide each other, files taken anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from botkit.config import Config, load
from botkit.errors import ConfigError, Problem
from botkit.project import Project, load_project

PYTHON = """
from botkit import Router, Slot
router = Router()
imported = [0]

@router.intent("status")
async def status(order: Slot[str]) -> str:
    return f"{order} is on its way."
"""


class Folder:
    """A folder with bots and a configuration."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, name: str, source: str) -> None:
        path = self.path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(source)

    def bot(self, name: str, source: str = "", channels: str = "[webchat]") -> None:
        """A bot, whose Jinja may use `vars`."""
        self.write(f"bots/{name}.yaml", f"bot: {name}\nchannels: {channels}\n{source}\n")

    def config(self, source: str = "", *bots: str, **environment: str) -> Config:
        names = bots or sorted(path.stem for path in (self.path / "bots").glob("*.yaml"))
        self.write("config.yaml", f"bots: [{', '.join(f'bots/{name}.yaml' for name in names)}]\n{source}\n")
        return load(self.path / "config.yaml", environment)

    def mistakes(self, config: Config) -> list[Problem]:
        with pytest.raises(ConfigError) as caught:
            load_project(config)
        return list(caught.value.problems)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


# ─── vars ───


def test_the_configuration_replaces_vars_of_a_bot_and_the_type_stays(folder: Folder) -> None:
    folder.bot("hotel", "vars: {wifi: secret, fee: 25, rate: 1.5, open: true, floor: 3}")
    written = "vars: {hotel: {wifi: '${WIFI}', fee: '${FEE}', rate: 2, open: '${OPEN}'}}"
    project = load_project(folder.config(written, WIFI="007", FEE="30", OPEN="false"))
    values = project.bots["hotel"].bot.vars
    assert values == {"wifi": "007", "fee": 30, "rate": 2.0, "open": False, "floor": 3}
    assert [type(value) for value in values.values()] == [str, int, float, bool, int]


def test_what_is_wrong_with_vars_is_named_in_the_configuration(folder: Folder) -> None:
    folder.bot("hotel", "vars: {wifi: secret, fee: 25}")
    config = folder.config("vars:\n  hotel:\n    wfi: x\n    fee: cheap\n  hotl: {}")
    assert [(item.path, item.line, item.column, item.message, item.remedy) for item in folder.mistakes(config)] == [
        (folder.path / "config.yaml", 4, 5, "The bot 'hotel' has no var 'wfi'.", "Did you mean 'wifi'?"),
        (
            folder.path / "config.yaml",
            5,
            5,
            "'cheap' is no number, as the var 'fee' of 'hotel' is.",
            "Write it as in 25.",
        ),
        (folder.path / "config.yaml", 6, 3, "There is no bot 'hotl'.", "Did you mean 'hotel'?"),
    ]


def test_vars_of_a_bot_that_is_not_loaded_now_are_no_mistake(folder: Folder) -> None:
    folder.bot("hotel", "vars: {fee: 25}")
    folder.bot("shop")
    assert list(load_project(folder.config("vars: {hotel: {fee: 30}}", "shop")).bots) == ["shop"]


def test_secrets_are_never_printed(folder: Folder) -> None:
    folder.bot("shop")
    config = folder.config("secrets: {tables_key: '${KEY}'}", KEY="s3cret")
    assert config.secrets["tables_key"].get_secret_value() == "s3cret"
    assert "s3cret" not in repr(config) + str(config.model_dump())


# ─── several bots ───

HOSTED = "api: {url: https://api.example.com, key: k}\nserver: {public_url: https://bot.example.com}"


def test_a_bot_that_an_earlier_one_hides_is_a_mistake(folder: Folder) -> None:
    folder.bot("all", channels="[webchat, whatsapp]")
    folder.bot("night", channels="[webchat]")
    (problem,) = folder.mistakes(folder.config(HOSTED))
    assert problem.path == folder.path / "bots/night.yaml"
    assert problem.message == "The bot 'night' never has a conversation: it is hidden by 'all' on webchat."
    assert problem.remedy == "Give the earlier one an `if`, or name this bot before it in config.yaml."


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"source": "if: not hours.open"}, {}),
        ({"channels": "[whatsapp]"}, {"channels": "[whatsapp, webchat]"}),
    ],
)
def test_a_bot_is_not_hidden_where_something_is_left_to_it(
    folder: Folder, first: dict[str, str], second: dict[str, str]
) -> None:
    folder.bot("a", **first)
    folder.bot("b", **second)
    assert list(load_project(folder.config(HOSTED)).bots) == ["a", "b"]


def test_the_gateway_makes_channels_for_each_bot_so_none_hides_another(folder: Folder) -> None:
    folder.bot("a")
    folder.bot("b")
    project = load_project(folder.config())
    assert project.route("webchat", "b") == ["b"]
    assert project.route("webchat", "") == ["a", "b"]
    assert project.route("webchat", "gone") == []
    assert project.route("whatsapp", "") == []


def test_a_channel_on_which_perhaps_nobody_answers_is_worth_a_warning(folder: Folder) -> None:
    folder.bot("a", "if: hours.open")
    folder.bot("b", "if: not hours.open")
    (warning,) = [item for item in load_project(folder.config(HOSTED)).warnings if "`if`" in item.message]
    assert (warning.path, warning.line) == (folder.path / "bots/a.yaml", 3)
    assert warning.message == "When no `if` holds, nobody answers on webchat."


# ─── taken anew ───


def reply(project: Project, intent: str) -> object:
    flow = project.bots["shop"].bot.intents[intent].reply
    assert flow is not None
    return flow.program[0].text.variants[0].words["en"][0]  # type: ignore[union-attr]


def test_what_is_wrong_with_a_file_that_two_bots_include_is_said_once(folder: Folder) -> None:
    folder.write("bots/more.yaml", "intents:\n  bill: {keywords: [bill], reply: '{{ vars.fee }} {{ vars.rate }}'}")
    folder.bot("shop", "include: more.yaml\nvars: {tip: 1}")
    folder.bot("hotel", "include: more.yaml\nvars: {bed: 2, rate: 3}", "[whatsapp]")
    found = [problem.message for problem in folder.mistakes(folder.config("", "shop", "hotel"))]
    assert found == ["There is no 'fee' in 'vars'.", "There is no 'rate' in 'vars'."]


def test_bots_are_taken_anew_from_their_files(folder: Folder) -> None:
    folder.bot("shop", "intents: {hello: {keywords: [hello], reply: One.}}")
    before = load_project(folder.config())
    folder.bot("shop", "intents: {hello: {keywords: [hello], reply: Two.}}")
    after = before.anew()
    assert (reply(before, "hello"), reply(after, "hello")) == ("One.", "Two.")
    assert before.bots["shop"].bot.version != after.bots["shop"].bot.version


def test_a_bot_whose_files_are_as_they_were_stays_the_same(folder: Folder) -> None:
    folder.bot("shop", "include: more.yaml")
    folder.write("bots/more.yaml", "intents: {hello: {keywords: [hello], reply: One.}}")
    folder.bot("other")
    before = load_project(folder.config("", "shop", "other"))
    folder.write("bots/more.yaml", "intents: {hello: {keywords: [hello], reply: Two.}}")
    after = before.anew()
    assert reply(after, "hello") == "Two."
    assert after.bots["other"] is before.bots["other"]
    assert after.bots["shop"] is not before.bots["shop"]


def test_the_version_is_that_of_all_files_wherever_the_folder_lies(tmp_path: Path) -> None:
    versions = []
    for place, words in (("here", "One."), ("there", "One."), ("else", "Two.")):
        (tmp_path / place).mkdir()
        folder = Folder(tmp_path / place)
        folder.bot("shop", "knowledge: pool.md\nresponder: [{llm: {prompt: kind}}, knowledge]")
        folder.write("bots/pool.md", f"## Is there a pool?\n\n{words}\n")
        folder.write("prompts/kind.md.j2", "Be kind. {% include 'rules.md.j2' %}")
        folder.write("prompts/rules.md.j2", "Be brief.")
        live = load_project(folder.config()).bots["shop"].live
        assert list(live.files) == ["bots/shop.yaml", "prompts/kind.md.j2", "prompts/rules.md.j2", "bots/pool.md"]
        versions.append(live.bot.version)
    assert versions[0] == versions[1] != versions[2]


def test_an_older_version_lives_again_from_its_texts_with_the_python_of_now(folder: Folder) -> None:
    folder.bot("shop", "slots: {order: {ask: Which?}}\nintents: {status: {keywords: [status]}}")
    folder.write("bots/shop.py", PYTHON)
    project = load_project(folder.config())
    old = project.bots["shop"].live
    folder.bot("shop", "slots: {order: {ask: Which order?}}\nintents: {status: {keywords: [status]}}")
    now = project.anew()
    revived = now.revive("shop", old.files)
    assert revived is not None
    assert revived.bot == old.bot
    assert revived.handlers.wants == {"status": ("order",)}
    assert now.revive("shop", {"bots/shop.yaml": "bot: [", "gone": ""}) is None


def test_a_faulty_file_is_refused_and_what_was_loaded_stays(folder: Folder) -> None:
    folder.bot("shop", "intents: {hello: {keywords: [hello], reply: One.}}")
    project = load_project(folder.config())
    folder.bot("shop", "intents: {hello: {keyword: [hello], reply: Two.}}")
    with pytest.raises(ConfigError, match="There is no key 'keyword' here"):
        project.anew()
    assert reply(project, "hello") == "One."
    folder.bot("shop", "intents: {hello: {keywords: [hello], reply: Three.}}")
    assert reply(project.anew(), "hello") == "Three."


def test_a_bot_of_another_name_needs_a_new_start(folder: Folder) -> None:
    folder.bot("shop")
    project = load_project(folder.config())
    folder.write("bots/shop.yaml", "bot: store\nchannels: [webchat]\n")
    with pytest.raises(ConfigError, match="Bots have come or gone: shop, store"):
        project.anew()


# ─── steps ───


CALLING = """
from botkit import Router
router = Router()

@router.intent("free")
async def free() -> str:
    return "yes"
"""


def test_what_steps_call_must_be_there_and_needs_no_intent(folder: Folder) -> None:
    folder.write("bots/shop.py", CALLING)
    folder.bot("shop", "intents: {go: {keywords: [go], reply: [{call: free}, {call: fre}]}}")
    (problem,) = folder.mistakes(folder.config())
    assert (problem.line, problem.column) == (3, 61)
    assert (problem.message, problem.remedy) == ("There is no handler and no tool 'fre'.", "Did you mean 'free'?")
    folder.bot("shop", "intents: {go: {keywords: [go], reply: {call: free}}}")
    assert load_project(folder.config()).warnings == []


def test_an_intent_with_a_flow_needs_no_handler_and_may_not_have_one(folder: Folder) -> None:
    folder.bot("shop", "intents: {free: {keywords: [go]}}\nflows: {free: {steps: Hi}}")
    assert load_project(folder.config()).warnings == []
    folder.write("bots/shop.py", CALLING)
    (problem,) = folder.mistakes(folder.config())
    assert problem.message.startswith("The intent 'free' has a flow in ")


def test_a_flow_that_nothing_starts_is_worth_a_warning(folder: Folder) -> None:
    folder.bot("shop", "flows: {lonely: {steps: Hi}}")
    (warning,) = load_project(folder.config()).warnings
    assert (warning.line, warning.column, warning.message) == (3, 9, "Nothing starts the flow 'lonely'.")
    folder.write("bots/shop.py", f"{CALLING}\n# StartFlow('lonely')\n".replace('"free"', '"go"'))
    folder.bot("shop", "intents: {go: {keywords: [go]}}\nflows: {lonely: {steps: Hi}}")
    assert load_project(folder.config()).warnings == []


def test_a_team_that_the_configuration_lacks_is_worth_a_warning(folder: Folder) -> None:
    folder.bot("shop", "intents: {go: {keywords: [go], reply: {handoff: {to: dsk, note: Help}}}}")
    assert load_project(folder.config()).warnings == []
    (warning,) = load_project(folder.config("teams: {desk: {}}")).warnings
    assert (warning.line, warning.column) == (3, 54)
    assert warning.message == "config.yaml has no team 'dsk': its notes only stay for `botkit handoff list`."
    assert warning.remedy == "Did you mean 'desk'?"


def test_a_reserved_intent_needs_no_answer(folder: Folder) -> None:
    folder.bot("shop", "intents: {human: {keywords: [front desk]}}")
    assert load_project(folder.config()).warnings == []
