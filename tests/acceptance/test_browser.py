"""The web chat in a real browser, as a newcomer meets it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize, expect, sync_playwright

from tests.conftest import require
from tests.processes import Process

pytestmark = pytest.mark.browser

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = ViewportSize(width=390, height=844)
DESKTOP = ViewportSize(width=1440, height=900)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The browser of this machine, headless."""
    program = os.environ.get("BOTKIT_BROWSER") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        require("browser", "install Chromium (sudo apt install chromium), or name one in BOTKIT_BROWSER")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def server(folder: Path) -> Iterator[Process]:
    """`botkit run` as it is on the first day: no configuration, everything embedded."""
    with Process("botkit", "run", folder=folder) as process:
        yield process


@pytest.fixture
def page(browser: Browser, server: Process) -> Iterator[Page]:
    """The chat, on a phone; nothing may go wrong in its console."""
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        is_expected = "ERR_CONNECTION_REFUSED" in message.text  # Chromium itself says so while a server is away
        if message.type in ("error", "warning") and not is_expected:
            complaints.append(message.text)

    page = browser.new_page(viewport=PHONE)
    page.on("console", listen)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(server.url)
    yield page
    page.close()
    assert complaints == []


def say(page: Page, text: str) -> None:
    page.locator("#text").fill(text)
    page.locator("#text").press("Enter")


def words(page: Page, who: str) -> list[str]:
    return page.locator(f".message[data-from={who}] .words").all_inner_texts()


def expect_answer(page: Page, text: str) -> None:
    expect(page.locator(".message[data-from=bot] .words").last).to_have_text(text)


def test_a_newcomer_completes_the_order_status(page: Page, folder: Path) -> None:
    say(page, "where is my order")
    expect_answer(page, "What is your order number?")
    say(page, "AB123456")
    expect_answer(page, "Your order AB123456 is on its way and arrives tomorrow.")
    say(page, "how can I pay?")
    expect_answer(page, "We take credit cards, PayPal and bank transfer.")
    expect(page.locator(".message[data-from=contact]").last).to_have_attribute("data-status", "delivered")
    pictures = Path(os.environ.get("BOTKIT_SCREENSHOTS", folder))
    for name, size in (("phone", PHONE), ("desktop", DESKTOP)):
        page.set_viewport_size(size)
        assert page.screenshot(path=pictures / f"webchat-{name}.png")


def test_a_reload_keeps_the_conversation(page: Page) -> None:
    say(page, "where is my order")
    expect_answer(page, "What is your order number?")
    page.reload()
    expect_answer(page, "What is your order number?")
    say(page, "CD654321")
    expect_answer(page, "Your order CD654321 is delivered.")
    assert words(page, "contact") == ["where is my order", "CD654321"]


def test_the_other_bot_is_one_choice_away(page: Page, server: Process) -> None:
    page.goto(f"{server.url}/?bot=hotel")
    say(page, "hola")
    expect_answer(page, "Hola, ¿en qué puedo ayudarle?")


def test_text_is_text(page: Page) -> None:
    hostile = "<img src=x onerror=alert(1)> <b>bold</b> {{ bot.scope }}"
    say(page, hostile)
    expect(page.locator(".message[data-from=contact] .words")).to_have_text(hostile)
    expect_answer(page, "I do not know that yet. Ask me about an order, deliveries or returns.")
    assert page.locator("#log img, #log b").count() == 0


def test_a_message_written_while_the_server_is_away_arrives_when_it_is_back(page: Page, server: Process) -> None:
    say(page, "thanks")
    expect_answer(page, "You are welcome!")
    server.kill()
    expect(page.locator("#connection")).to_be_visible()
    say(page, "where is my order")
    server.start()
    expect_answer(page, "What is your order number?")
    assert words(page, "contact") == ["thanks", "where is my order"]


def test_it_works_with_the_keyboard_alone(page: Page) -> None:
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.type("thanks")
    page.keyboard.press("Enter")
    expect_answer(page, "You are welcome!")
    expect(page.locator("#text")).to_be_focused()
    expect(page.locator("#text")).to_have_value("")
    expect(page.get_by_role("log")).to_contain_text("You are welcome!")
