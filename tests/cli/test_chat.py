"""`botkit chat`: a conversation in the terminal, here with piped lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import botkit


def test_lines_are_answered_in_their_order(folder: Path) -> None:
    ended = botkit(folder, "chat", "shop", said="where is my order\nAB123456\nthanks\n")
    assert ended.status == 0
    assert ended.out.splitlines() == [
        "you: where is my order",
        "shop: What is your order number?",
        "you: AB123456",
        "shop: Your order AB123456 is on its way and arrives tomorrow.",
        "you: thanks",
        "shop: You are welcome!",
    ]


@pytest.mark.parametrize("bot", [[], ["shop"], ["bots/shop.yaml"]], ids=str)
def test_a_bot_is_named_by_its_name_or_its_file_or_is_the_first(folder: Path, bot: list[str]) -> None:
    assert botkit(folder, "chat", *bot, said="thanks\n").out == "you: thanks\nshop: You are welcome!\n"


def test_an_empty_line_ends_it(folder: Path) -> None:
    assert botkit(folder, "chat", "shop", said="thanks\n\nthanks\n").out.count("You are welcome!") == 1


@pytest.mark.parametrize("said", ["", "\n"])
def test_who_says_nothing_hears_nothing(folder: Path, said: str) -> None:
    ended = botkit(folder, "chat", "shop", said=said)
    assert (ended.status, ended.out, ended.err) == (0, "", "")


def test_nothing_is_kept(folder: Path) -> None:
    botkit(folder, "chat", "shop", said="where is my order\n")
    assert not list(folder.glob("*.db*"))


def test_what_the_web_chat_does_not_take_is_said(folder: Path) -> None:
    ended = botkit(folder, "chat", "shop", said="thanks\n" * 31)
    assert ended.out.count("You are welcome!") == 30
    assert ended.sentence == "This was not sent: a web chat takes 30 messages a minute."


def test_any_language_can_be_typed(folder: Path) -> None:
    ended = botkit(folder, "chat", "hotel", said="¿a qué hora es el desayuno? 🥐\n")
    assert "hotel: El desayuno está incluido" in ended.out


@pytest.mark.parametrize(
    "said", [b"caf\xe9", b"nul \x00", "🥐".encode() * 4096, b"x" * 100_000], ids=["latin", "nul", "long", "too long"]
)
def test_a_line_that_is_strange_costs_nothing_but_itself(folder: Path, said: bytes) -> None:
    ended = botkit(folder, "chat", "shop", said=said + b"\nthanks\n")
    assert ended.status == 0
    assert ended.out.endswith("you: thanks\nshop: You are welcome!\n")


def test_a_line_that_is_too_long_is_said(folder: Path) -> None:
    ended = botkit(folder, "chat", "shop", said="x" * 4097 + "\n")
    assert ended.sentence == "This was not sent: it is longer than 4096 characters."


def test_an_unknown_bot_names_the_nearest(folder: Path) -> None:
    ended = botkit(folder, "chat", "shpo")
    assert (ended.status, ended.sentence) == (2, "There is no bot 'shpo'. Did you mean 'shop'?")


def test_a_bot_that_resembles_none_names_all_that_are_there(folder: Path) -> None:
    (folder / "bots/cafe.yaml").write_text("bot: cafe\nchannels: [webchat]\n")
    (folder / "bots/hotel.yaml").unlink()
    ended = botkit(folder, "chat", "nope")
    known = "Known here: auto_reply, cafe, restaurant, shop."
    assert (ended.status, ended.sentence) == (2, f"There is no bot 'nope'. {known}")


@pytest.mark.parametrize(
    "command", [["chat"], ["chat", "nope"], ["run"], ["check"], ["prompt", "nope", "--text", "hi"]]
)
def test_a_folder_without_bots_is_told_the_same_by_every_command(tmp_path: Path, command: list[str]) -> None:
    ended = botkit(tmp_path, *command)
    assert ended.status == 2
    assert ended.sentence.startswith("There is no bot here. Write one by `botkit new NAME`")


def test_a_bot_that_is_not_on_webchat_cannot_be_talked_to(folder: Path) -> None:
    (folder / "bots/phone.yaml").write_text("bot: phone\nchannels: [whatsapp]\n")
    ended = botkit(folder, "chat", "phone", said="hi\n")
    assert (ended.status, ended.sentence) == (1, "The bot 'phone' is not on webchat. Add webchat to its channels.")


DINER = """\
bot: diner
scope: Samples
channels: [webchat]
intents:
  greeting:
    keywords: [hello]
    reply:
      text: What would you like?
      buttons:
        menu: Our menu
        way: {label: The way, description: From the station}
        site: {label: Our site, url: "https://example.com"}
  menu:
    keywords: [card]
    reply: {text: Vegan., document: {url: "https://example.com/menu.pdf", caption: Of this week}}
  way:
    keywords: [map]
    reply: {text: At the harbour., location: {latitude: 36.5, longitude: -4.5, name: Diner}}
"""


def test_what_a_web_chat_shows_is_words_in_a_terminal(folder: Path) -> None:
    (folder / "bots/diner.yaml").write_text(DINER)
    ended = botkit(folder, "chat", "bots/diner.yaml", said="hello\n1\nthe way\n")
    assert ended.out.splitlines() == [
        "you: hello",
        "diner: What would you like?",
        "Our site: https://example.com",
        "  1. Our menu",
        "  2. The way: From the station",
        "you: 1",
        "diner: Of this week",
        "https://example.com/menu.pdf",
        "diner: Vegan.",
        "you: the way",
        "diner: At the harbour.",
        "diner: Diner",
        "https://www.openstreetmap.org/?mlat=36.500000&mlon=-4.500000",
    ]
