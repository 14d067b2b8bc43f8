"""Outside the window: the template on whatsapp, nothing on instagram; for an operator's words and for a late reply."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.acceptance.conftest import Sandbox
from tests.model_server import ModelServer
from tests.processes import Process, environment, eventually

TEMPLATE = "Hi Ana, there is news about your order. Write back to read it."


def send(folder: Path, conversation: str, text: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["botkit", "send", conversation, text],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_operator_on_whatsapp(botkit: Process, sandbox: Sandbox, folder: Path) -> None:
    with botkit:
        conversation = sandbox.write("thanks")
        eventually(lambda: sandbox.sent(conversation), "the bot answers")
        inside = send(folder, conversation, "We found your parcel.")
        sandbox.advance("25h")
        outside = send(folder, conversation, "It has arrived.")
        assert (inside.returncode, inside.stdout) == (0, "sent\n")
        assert (outside.returncode, outside.stdout) == (0, "held as template order_news (en_US)\n")
        assert sandbox.sent(conversation) == ["You are welcome!", "We found your parcel.", TEMPLATE]
        sandbox.write("thanks")
        back = [*sandbox.sent(conversation), "It has arrived.", "You are welcome!"]
        eventually(lambda: sandbox.sent(conversation) == back, "the contact gets what was held, and then the answer")


def test_an_operator_on_instagram(botkit: Process, sandbox: Sandbox, folder: Path) -> None:
    with botkit:
        conversation = sandbox.write("thanks", channel="shop/instagram", phone="ana.ruiz")
        eventually(lambda: sandbox.sent(conversation), "the bot answers")
        sandbox.advance("25h")
        outside = send(folder, conversation, "It has arrived.")
    assert outside.returncode == 1
    assert outside.stdout.startswith("withheld: window_closed")
    assert sandbox.sent(conversation) == ["You are welcome!"]
    assert '"event":"withheld"' in botkit.output()


def test_an_operator_while_no_server_runs(botkit: Process, sandbox: Sandbox, folder: Path) -> None:
    with botkit:
        conversation = sandbox.write("thanks")
        eventually(lambda: sandbox.sent(conversation), "the bot answers")
    sandbox.advance("25h")
    assert send(folder, conversation, "It has arrived.").stdout == "held as template order_news (en_US)\n"
    assert sandbox.sent(conversation)[-1] == TEMPLATE


def test_a_late_reply(botkit: Process, sandbox: Sandbox, folder: Path) -> None:
    with ModelServer("Blue, I should think.") as model:
        model.hold()
        botkit.environment |= {"OPENAI_BASE_URL": model.url, "OPENAI_API_KEY": "test"}
        with botkit:
            late = {
                "shop/whatsapp": sandbox.write("which colour goes with green?"),
                "shop/instagram": sandbox.write("which colour?", channel="shop/instagram", phone="ana.ruiz"),
            }
            eventually(lambda: len(model.asked) == 2, "the model is asked")
            sandbox.advance("25h")
            model.release()
            eventually(lambda: sandbox.sent(late["shop/whatsapp"]), "the template arrives")
            eventually(lambda: '"event":"withheld"' in botkit.output(), "the other is withheld")
    assert sandbox.sent(late["shop/whatsapp"]) == [TEMPLATE]
    assert sandbox.sent(late["shop/instagram"]) == []
