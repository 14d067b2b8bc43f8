"""The web chat in a real browser, as a newcomer meets it."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, ViewportSize, expect, sync_playwright

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
        menu: Menu
        way: {label: The way, synonyms: [map]}
        site: {label: Our site, url: "https://example.com/diner"}
  menu:
    keywords: [menu]
    reply:
      text: Everything is vegan.
      document: {url: "https://example.com/menu.pdf", caption: Of this week, filename: menu.pdf}
  way:
    keywords: [way]
    reply:
      text: We are at the harbour.
      location: {latitude: 36.7196, longitude: -4.4132, name: Diner, address: Calle del Mar 3}
"""


@pytest.fixture
def diner(folder: Path) -> None:
    """The only bot is one that shows more than words."""
    (folder / "bots" / "diner.yaml").write_text(DINER)
    (folder / "config.yaml").write_text("bots: [bots/diner.yaml]\n")


def test_a_tap_on_a_button_says_its_label_and_the_rest_is_drawn(diner: None, page: Page) -> None:
    say(page, "hello")
    expect_answer(page, "What would you like?")
    expect(page.locator("button.choice")).to_have_text(["Menu", "The way"])
    link = page.locator("a.choice")
    expect(link).to_have_text("Our site")
    expect(link).to_have_attribute("href", "https://example.com/diner")
    page.get_by_role("button", name="Menu", exact=True).click()
    expect_answer(page, "Everything is vegan.")
    document = page.locator(".attachment")
    expect(document).to_have_text("menu.pdf")
    expect(document).to_have_attribute("href", "https://example.com/menu.pdf")
    assert words(page, "contact") == ["hello", "Menu"]
    say(page, "the way")
    place = page.locator(".attachment").last
    expect(place).to_contain_text("Diner")
    expect(place).to_have_attribute("href", re.compile("openstreetmap"))


def test_the_other_bot_is_one_choice_away(page: Page, server: Process) -> None:
    page.goto(f"{server.url}/?bot=hotel")
    say(page, "wifi")
    expect_answer(page, "The network is Miramar, the password mar-y-sol.")


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


def test_the_empty_screen_tells_what_the_bot_is_for_as_text(page: Page, server: Process, folder: Path) -> None:
    expect(page.locator("#scope")).to_have_text("Orders, deliveries and returns of the sample shop")
    expect(page.locator("#astray")).to_be_hidden()
    hostile = "Tea <b>and</b> {{ bot }}"
    (folder / "bots/shop.yaml").write_text(f"bot: shop\nchannels: [webchat]\nscope: '{hostile}'\n")
    (folder / "bots/shop.py").unlink()
    (folder / "bots/auto_reply.yaml").write_text("bot: auto_reply\nchannels: [webchat]\n")
    server.stop()
    server.start()
    page.goto(server.url)
    expect(page.locator("#scope")).to_have_text(hostile)
    page.goto(f"{server.url}/?bot=auto_reply")
    expect(page.locator("#invitation")).to_be_visible()
    expect(page.locator("#scope")).to_be_hidden()


def test_a_bot_that_is_not_there_is_said(page: Page, server: Process) -> None:
    page.goto(f"{server.url}/?bot=nope")
    expect(page.locator("#astray")).to_have_text("There is no bot “nope” here. You are talking to Shop.")


def test_of_several_messages_in_a_row_the_last_shows_its_delivery_and_all_tell_it(page: Page) -> None:
    expect(page.locator("#invitation")).to_be_visible()
    for text in ("one", "two"):
        say(page, text)
    states = page.locator(".message[data-from=contact] .state")
    expect(states.last).to_have_attribute("aria-label", "Delivered")
    expect(states.first).to_have_attribute("aria-label", "Delivered")
    first, last = page.locator(".message[data-from=contact] .meta").all()
    if page.locator(".message[data-from=contact] + .message[data-from=contact]").count():
        assert width(first) <= 1
    assert width(last) > 1


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_header_messages_and_composer_begin_at_one_line(page: Page, size: ViewportSize) -> None:
    page.set_viewport_size(size)
    say(page, "thanks")
    expect_answer(page, "You are welcome!")
    boxes = [page.locator(place).bounding_box() for place in ("header .avatar", "[data-from=bot] .bubble", "#composer")]
    assert len({round(box["x"]) for box in boxes if box}) == 1


def test_the_empty_composer_has_a_button_that_can_be_seen(page: Page) -> None:
    expect(page.locator("#text")).to_be_enabled()
    background, colour = page.locator("#send").evaluate(
        "button => [getComputedStyle(button).backgroundColor, getComputedStyle(button).color]"
    )
    assert contrast(background, colour) >= 3


def width(place: Locator) -> float:
    box = place.bounding_box()
    return box["width"] if box else 0


def contrast(*colours: str) -> float:
    """The contrast of two colours as browsers tell them, by the rule of WCAG 2."""

    def luminance(colour: str) -> float:
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
            for part in (int(number) / 255 for number in re.findall(r"\d+", colour)[:3])
        )
        return float(0.2126 * red + 0.7152 * green + 0.0722 * blue)

    darker, lighter = sorted(map(luminance, colours))
    return (lighter + 0.05) / (darker + 0.05)
