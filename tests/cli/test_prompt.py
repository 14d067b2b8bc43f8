"""`botkit prompt`: what a model would be sent."""

from __future__ import annotations

from pathlib import Path

from tests.cli.command import botkit


def test_the_prompt_is_shown_without_a_model(folder: Path) -> None:
    ended = botkit(folder, "prompt", "hotel", "--text", "May I bring my dog?", "--name", "Ana Ruiz")
    assert (ended.status, ended.err) == (0, "")
    system, _, user = ended.out.partition("── user ──\n")
    assert system.startswith("── system ──\nYou are the concierge of a hotel.")
    assert "The guest is Ana Ruiz." in system
    assert "on webchat" in system
    assert user == "May I bring my dog?\n"


def test_it_knows_the_language_and_the_channel(folder: Path) -> None:
    ended = botkit(folder, "prompt", "hotel", "--text", "¿puedo llevar mi perro?", "--channel", "whatsapp")
    assert "in the language with the code es" in ended.out
    assert "on whatsapp" in ended.out


def test_a_bot_that_names_no_prompt_has_a_general_one(folder: Path) -> None:
    ended = botkit(folder, "prompt", "bots/shop.yaml", "--text", "hi")
    assert "Orders, deliveries and returns of the sample shop" in ended.out


def test_words_are_never_jinja(folder: Path) -> None:
    ended = botkit(folder, "prompt", "hotel", "--text", "{{ 7 * 7 }}", "--name", "{% raw %}")
    assert ended.out.endswith("── user ──\n{{ 7 * 7 }}\n")
    assert "The guest is {% raw %}." in ended.out


def test_a_bot_that_asks_no_model_has_no_prompt(folder: Path) -> None:
    (folder / "bots/plain.yaml").write_text("bot: plain\nchannels: [webchat]\nresponder: [knowledge]\n")
    ended = botkit(folder, "prompt", "plain", "--text", "hi")
    assert (ended.status, ended.sentence) == (
        1,
        "The bot 'plain' asks no model: its `responder` does not name llm.",
    )


def test_a_channel_that_there_is_not_is_refused_with_those_that_there_are(folder: Path) -> None:
    ended = botkit(folder, "prompt", "hotel", "--text", "hi", "--channel", "fax")
    assert ended.status == 2
    assert "'fax' is not one of 'whatsapp', 'instagram', 'messenger', 'webchat'" in ended.err
