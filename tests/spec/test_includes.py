"""Bot files that share what they have: what is included, which entry wins, what is wrong, and in which file."""

from __future__ import annotations

from pathlib import Path

import pytest

from botkit.dialogue.bot import Bot
from botkit.errors import ConfigError
from botkit.files import Files
from botkit.prompts import Prompts
from botkit.strict_yaml.document import read
from tests.spec.written import Desk, load

HEAD = "bot: sample\nchannels: [webchat]\nlanguages: [en]\n"
THANKS = "intents:\n  thanks: {keywords: [thanks], reply: Welcome.}"


class Shelf:
    """A folder of files that include each other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, **files: str) -> None:
        """Write each file, with two underscores for the slash and `sample` for the bot file."""
        for name, source in files.items():
            path = self.folder / f"{name.replace('__', '/')}.yaml"
            path.parent.mkdir(exist_ok=True)
            path.write_text((HEAD if name == "sample" else "") + source + "\n")

    def bot(self, **files: str) -> Bot:
        self.write(**files)
        return load(self.folder / "sample.yaml", Prompts(self.folder)).bot

    def mistakes(self, **files: str) -> list[tuple[str, int, int, str, str]]:
        """File, line, column, message and remedy of all that is wrong."""
        with pytest.raises(ConfigError) as caught:
            self.bot(**files)
        return [
            (item.path.relative_to(self.folder).as_posix(), item.line, item.column, item.message, item.remedy)
            for item in caught.value.problems
            if item.path
        ]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def said(bot: Bot, intent: str) -> str:
    """What an intent says, in its first variant."""
    reply = bot.intents[intent].reply
    assert reply is not None
    return reply.program[0].text.variants[0].words["en"][0]  # type: ignore[union-attr]


# ─── what is included ───


def test_the_tables_of_other_files_are_added(shelf: Shelf) -> None:
    bot = shelf.bot(
        sample="include: [shared/courtesy.yaml, more.yaml]\nintents:\n  hello: {keywords: [hello], reply: Hello.}",
        shared__courtesy=THANKS,
        more="slots:\n  party: {type: integer, ask: How many?}",
    )
    assert list(bot.intents) == ["hello", "thanks"]
    assert list(bot.slots) == ["party"]


def test_one_file_may_be_named_without_a_list(shelf: Shelf) -> None:
    assert list(shelf.bot(sample="include: other.yaml", other=THANKS).intents) == ["thanks"]


def test_the_including_file_wins_whole_entry_by_whole_entry(shelf: Shelf) -> None:
    bot = shelf.bot(
        sample="include: other.yaml\nintents:\n  thanks: {keywords: [ta], reply: Cheers.}",
        other=f"{THANKS}\n  bye: {{keywords: [bye], reply: Bye.}}",
    )
    assert (said(bot, "thanks"), said(bot, "bye")) == ("Cheers.", "Bye.")
    assert bot.intents["thanks"].keywords == {"": ("ta",)}


def test_included_files_may_include_others_from_their_own_folder(shelf: Shelf) -> None:
    bot = shelf.bot(
        sample="include: shared/all.yaml",
        shared__all="include: [courtesy.yaml, ../top.yaml]\nintents:\n  thanks: {keywords: [ta], reply: Cheers.}",
        shared__courtesy=THANKS,
        top="intents:\n  bye: {keywords: [bye], reply: Bye.}",
    )
    assert (said(bot, "thanks"), said(bot, "bye")) == ("Cheers.", "Bye.")


def test_one_file_may_be_reached_on_two_ways_and_the_same_may_be_written_twice(shelf: Shelf) -> None:
    bot = shelf.bot(
        sample="include: [one.yaml, two.yaml, three.yaml]",
        one="include: base.yaml",
        two="include: base.yaml",
        base=THANKS,
        three=THANKS,
    )
    assert list(bot.intents) == ["thanks"]


def test_a_shared_file_may_speak_more_languages_than_a_bot(shelf: Shelf) -> None:
    bot = shelf.bot(
        sample="include: other.yaml",
        other="intents:\n  thanks: {keywords: {en: [thanks], es: [gracias]}, reply: {en: Welcome., es: De nada.}}",
    )
    assert bot.intents["thanks"].keywords == {"en": ("thanks",), "es": ("gracias",)}


def test_a_bot_is_made_from_all_its_files(shelf: Shelf) -> None:
    shelf.write(sample="include: other.yaml\nknowledge: pool.md", other=THANKS)
    (shelf.folder / "pool.md").write_text("## Is there a pool?\n\nYes.\n")
    files = Files(shelf.folder)
    load(shelf.folder / "sample.yaml", Prompts(shelf.folder / "prompts", files))
    assert list(files.texts) == ["sample.yaml", "other.yaml"]  # the knowledge is read by who answers from it
    kept = Files(shelf.folder, files.texts)
    (shelf.folder / "other.yaml").unlink()
    again = load(
        shelf.folder / "sample.yaml",
        Prompts(shelf.folder / "prompts", Files(shelf.folder, {**files.texts, "pool.md": ""})),
    )
    assert list(again.bot.intents) == ["thanks"]
    assert kept.version == Files(shelf.folder, {}).version
    assert files.version != kept.version


# ─── what is wrong ───


def test_a_mistake_is_named_in_the_file_where_it_stands(shelf: Shelf) -> None:
    assert shelf.mistakes(
        sample="include: other.yaml\nintents:\n  hello: {keyword: [hello], reply: Hello.}",
        other="intents:\n  thanks:\n    keywords: [thanks]\n    reply: 'Hi {{ contact.nme }}.'\n  bye: {replay: Bye.}",
    ) == [
        ("other.yaml", 4, 27, "There is no 'nme' in 'contact'.", "Did you mean 'name'?"),
        ("other.yaml", 5, 9, "There is no key 'replay' here.", "Did you mean 'reply'?"),
        ("sample.yaml", 6, 11, "There is no key 'keyword' here.", "Did you mean 'keywords'?"),
    ]


def test_two_includes_may_not_give_one_name_two_meanings(shelf: Shelf) -> None:
    files = {"one": THANKS, "two": "intents:\n  thanks: {keywords: [thanks], reply: Sure.}"}
    wrong = shelf.mistakes(sample="include: [one.yaml, two.yaml]", **files)
    assert wrong == [
        (
            "two.yaml",
            2,
            3,
            f"'thanks' of `intents` is another one in {shelf.folder / 'one.yaml'}:2:3.",
            f"Keep one of the two, or write it in {shelf.folder / 'sample.yaml'}, which wins.",
        )
    ]
    own = "include: [one.yaml, two.yaml]\nintents:\n  thanks: {keywords: [ta], reply: Cheers.}"
    assert said(shelf.bot(sample=own, **files), "thanks") == "Cheers."


@pytest.mark.parametrize(
    ("files", "mistake"),
    [
        (
            {"sample": "include: other.yaml", "other": "include: third.yaml", "third": "include: [other.yaml]"},
            (
                "third.yaml",
                1,
                11,
                "This goes round in a circle: other.yaml → third.yaml → other.yaml.",
                "Leave it out.",
            ),
        ),
        (
            {"sample": "include: sample.yaml"},
            ("sample.yaml", 4, 10, "This goes round in a circle: sample.yaml → sample.yaml.", "Leave it out."),
        ),
        (
            {"sample": "include: other.yaml", "other": "channels: [webchat]"},
            (
                "other.yaml",
                1,
                1,
                "An included file has tables only, and 'channels' is none.",
                "Known here: flows, include, intents, slots, templates, texts, tools.",
            ),
        ),
        (
            {"sample": "include: other.yaml", "other": "intent: {}"},
            (
                "other.yaml",
                1,
                1,
                "An included file has tables only, and 'intent' is none.",
                "Did you mean 'intents'?",
            ),
        ),
        (
            {"sample": "include: other.yaml", "other": "intents: [thanks]"},
            ("other.yaml", 1, 10, "This must be a map.", "Write it as `key: value`, or leave it out."),
        ),
        (
            {"sample": "include: other.yaml", "other": "include: 7"},
            ("other.yaml", 1, 10, "This must be the name of a file, or a list of names.", "Write [shared.yaml]."),
        ),
        (
            {"sample": "include: other.yaml", "other": "- thanks"},
            (
                "other.yaml",
                1,
                1,
                "An included file must be a map of tables.",
                "It may hold intents, slots, flows, texts, tools, templates.",
            ),
        ),
        (
            {"sample": "include: other.yaml", "other": "intents: {a: {"},
            (
                "other.yaml",
                2,
                1,
                "This is not YAML: this does not fit what stands before it.",
                "Check the indentation and the quotes on this line and the one before.",
            ),
        ),
    ],
)
def test_what_is_no_part_of_a_bot_cannot_be_included(
    shelf: Shelf, files: dict[str, str], mistake: tuple[str, int, int, str, str]
) -> None:
    assert shelf.mistakes(**files) == [mistake]


def test_a_file_that_is_not_there_is_named_where_it_is_included(shelf: Shelf) -> None:
    message = f"There is no file 'gone.yaml' in {shelf.folder / 'shared'}."
    remedy = "Files start from the folder of the file that names them."
    assert shelf.mistakes(sample="include: [shared/gone.yaml]") == [("sample.yaml", 4, 11, message, remedy)]


# ─── vars and `if` ───


def test_vars_have_their_types_and_their_names_are_checked(desk: Desk) -> None:
    bot = desk.load(HEAD + "vars: {fee: 25, code: '025', open: true}\nfallback: 'It costs {{ vars.fee }}.'").bot
    assert bot.vars == {"fee": 25, "code": "025", "open": True}
    assert desk.mistake(HEAD + "vars: {fee: 25}\nfallback: 'It costs {{ vars.fe }}.'")[2:] == (
        "There is no 'fe' in 'vars'.",
        "Did you mean 'fee'?",
    )


def test_the_condition_of_a_bot_knows_what_is_known_before_it_has_the_conversation(desk: Desk) -> None:
    assert desk.load(HEAD + "vars: {night: true}\nif: vars.night and not hours.open").bot.condition
    assert desk.mistake(HEAD + "slots: {party: {ask: How many?}}\nif: slots.party > 3") == (
        5,
        5,
        "There is no 'slots' here.",
        "Known here: bot, channel, contact, duration, hours, message, now, today, vars.",
    )
    assert desk.mistake(HEAD + "if: not (")[:2] == (4, 5)


def test_an_empty_file_that_is_included_is_a_mistake_with_a_place(shelf: Shelf) -> None:
    shelf.write(sample=f"{HEAD}include: empty.yaml", empty="")
    with pytest.raises(ConfigError, match=r"empty\.yaml:1:1: An included file must be a map of tables"):
        load(shelf.folder / "sample.yaml", Prompts(shelf.folder / "prompts"))


@pytest.mark.parametrize("name", ["a" * 5000, "a\0b"], ids=["long", "nul"])
def test_a_name_that_no_file_can_have_is_no_file(tmp_path: Path, name: str) -> None:
    files = Files(tmp_path)
    assert not files.is_file(tmp_path / name)
    assert files.is_current()


def test_a_file_that_cannot_be_read_is_a_mistake_in_it(tmp_path: Path) -> None:
    (tmp_path / "shut.yaml").mkdir()
    (problem,) = read(tmp_path / "shut.yaml").problems
    assert str(problem).endswith("shut.yaml:1:1: This file cannot be read: Is a directory. Let botkit read it.")
