"""What a handler's parameters mean: given when it fits, refused with a place and a remedy when the app is built."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest

from botkit.dialogue.bot import Intent, Slot
from botkit.dialogue.event import TimerDue
from botkit.dialogue.state import State
from botkit.dialogue.values import Value
from tests.given import bot, text, turn
from tests.handlers.written import BOT, FIRST, built, refused, write
from tests.steps import NO_STEPS

STATE = State(slots={"order_id": "AB12", "guests": 4, "weight": 1.5, "gift": False})


async def answer(folder: Path, code: str, state: State = STATE) -> object:
    """What the handler of the intent `status` returns."""
    handlers = built(write(folder, code))
    await handlers.open()
    try:
        return await handlers.call("status", turn("Hello", of=BOT, state=state), NO_STEPS)
    finally:
        await handlers.close()


# ─── what fits ───


async def test_every_noun_of_a_turn_is_given_by_its_type(tmp_path: Path) -> None:
    code = """
        @router.intent("status")
        async def status(turn: Turn, bot: Bot, channel: Channel, contact: Contact, talk: Conversation, steps: Steps):
            return [turn.text, bot.name, channel.type, contact.id, talk.id, steps]
    """
    assert await answer(tmp_path, code) == ["Hello", "sample", "webchat", "contact-1", 1, NO_STEPS]


async def test_slots_are_given_by_their_name(tmp_path: Path) -> None:
    code = """
        @router.intent("status")
        async def status(gift: Slot[bool], order_id: Slot[str], guests: Slot[int], weight: Slot[float]) -> Any:
            return [order_id, guests, weight, gift]
    """
    assert await answer(tmp_path, code) == ["AB12", 4, 1.5, False]


@pytest.mark.parametrize("type", ["str | None", "Optional[str]", "None | str"])
@pytest.mark.parametrize(("slots", "given"), [({"note": "x"}, "x"), ({}, None)])
async def test_an_optional_slot_is_given_when_it_is_known_and_never_asked_for(
    tmp_path: Path, type: str, slots: dict[str, str], given: str | None
) -> None:
    code = f"""
        @router.intent("status")
        async def status(note: Slot[{type}]) -> Any:
            return [note]
    """
    assert await answer(tmp_path, code, State(slots=slots)) == [given]
    assert built(write(tmp_path, code)).wants == {"status": ()}


def test_the_slots_that_a_handler_needs_are_wanted_in_its_order(tmp_path: Path) -> None:
    code = """
        @router.intent("status")
        async def status(guests: Slot[int], turn: Turn, note: Slot[str | None], order_id: Slot[str]) -> None: ...

        @router.intent("refund")
        async def refund() -> None: ...
    """
    assert built(write(tmp_path, code)).wants == {"status": ("guests", "order_id"), "refund": ()}


@pytest.mark.parametrize(
    "signature",
    ["def status(*, turn: Turn)", "async def status(turn: 'Turn')", "def status(turn: Turn = None)"],
    ids=["keyword-only and plain", "quoted", "with a default"],
)
async def test_a_handler_may_be_written_in_several_ways(tmp_path: Path, signature: str) -> None:
    assert await answer(tmp_path, f'@router.intent("status")\n{signature}:\n    return turn.text') == "Hello"


async def test_a_wrapped_handler_is_read_as_what_it_wraps(tmp_path: Path) -> None:
    code = """
        import functools

        def twice(function):
            @functools.wraps(function)
            async def wrapper(*args, **kwargs):
                return 2 * await function(*args, **kwargs)
            return wrapper

        @router.intent("status")
        @twice
        async def status(turn: Turn) -> str:
            return turn.text
    """
    assert await answer(tmp_path, code) == "HelloHello"


async def test_a_method_of_an_object_can_be_a_handler(tmp_path: Path) -> None:
    code = """
        class Desk:
            async def status(self, turn: Turn) -> str:
                return turn.text

        router.intent("status")(Desk().status)
    """
    assert await answer(tmp_path, code) == "Hello"


async def test_the_fallback_handler_is_given_what_it_asks_for_too(tmp_path: Path) -> None:
    code = """
        @router.fallback
        def sorry(turn: Turn, note: Slot[str | None]):
            return turn.text
    """
    handlers = built(write(tmp_path, code))
    assert handlers.has_fallback
    assert await handlers.fall_back(turn("Hello", of=BOT), NO_STEPS) == "Hello"


# ─── timers ───

DUE = TimerDue("channel-1", "contact-1", "7", "remind", data="AB12")


async def test_the_handler_of_a_timer_is_given_what_others_are_and_the_timer(tmp_path: Path) -> None:
    code = """
        @router.provide
        def orders() -> Orders:
            return Orders()

        @router.timer("remind")
        async def remind(due: TimerDue, contact: Contact, orders: Orders, steps: Steps, note: Slot[str | None]) -> Any:
            return [due.data, contact.id, type(orders).__name__, steps, note]
    """
    handlers = built(write(tmp_path, code))
    await handlers.open()
    given = await handlers.fire("remind", turn(of=BOT, timer=DUE), NO_STEPS)
    assert given == ["AB12", "contact-1", "Orders", NO_STEPS, None]


async def test_the_handler_of_a_timer_may_be_plain_and_ask_for_nothing(tmp_path: Path) -> None:
    handlers = built(write(tmp_path, '@router.timer("remind")\ndef remind():\n    return "Still there?"'))
    assert await handlers.fire("remind", turn(of=BOT, timer=DUE), NO_STEPS) == "Still there?"


def test_the_timers_that_handlers_answer_are_known(tmp_path: Path) -> None:
    code = """
        @router.timer("remind")
        @router.timer("close")
        def later(): ...

        @router.intent("status")
        def status(): ...
    """
    handlers = built(write(tmp_path, code))
    assert (sorted(handlers.timers), handlers.wants) == (["close", "remind"], {"status": ()})
    assert not built(write(tmp_path, "")).timers


def test_a_timer_and_an_intent_may_share_a_name(tmp_path: Path) -> None:
    code = """
        @router.timer("status")
        def later(): ...

        @router.intent("status")
        def status(): ...
    """
    handlers = built(write(tmp_path, code))
    assert (list(handlers.timers), list(handlers.wants)) == (["status"], ["status"])


@pytest.mark.parametrize("declared", ['@router.intent("status")', "@router.fallback"])
def test_only_the_handler_of_a_timer_is_given_one(tmp_path: Path, declared: str) -> None:
    (problem,) = refused(write(tmp_path, f"{declared}\ndef status(due: TimerDue): ..."))
    assert (problem.line, problem.column) == (FIRST + 1, 12)
    assert problem.message == "status(due): only the handler of a timer is given a TimerDue."
    assert problem.remedy == "Leave it out, or use @router.timer."


@pytest.mark.parametrize("declared", ['@router.timer("remind")', "@router.fallback"])
def test_where_nobody_can_be_asked_a_slot_may_be_empty(tmp_path: Path, declared: str) -> None:
    (problem,) = refused(write(tmp_path, f"{declared}\nasync def later(turn: Turn, guests: Slot[int]): ..."))
    assert (problem.line, problem.column) == (FIRST + 1, 29)
    assert problem.message == "later(guests): nobody is asked for it here, so it may be empty."
    assert problem.remedy == "Write guests: Slot[int | None]."


def test_what_the_handler_of_a_timer_cannot_be_given_is_refused_in_its_place(tmp_path: Path) -> None:
    (problem,) = refused(write(tmp_path, '@router.timer("remind")\ndef remind(ledger: Ledger): ...'))
    assert (problem.line, problem.column) == (FIRST + 1, 12)
    assert problem.message == "remind(ledger): nothing provides Ledger."
    assert "Conversation, TimerDue, Steps" in problem.remedy


# ─── what is refused ───


KNOWN = "Turn, Bot, Channel, Contact, Conversation, Steps, Orders"


@pytest.mark.parametrize(
    ("parameter", "message", "remedy"),
    [
        ("guests: Slot[str]", "a slot of type integer is no str.", "Write guests: Slot[int]."),
        ("weight: Slot[int]", "a slot of type number is no int.", "Write weight: Slot[float]."),
        ("gift: Slot[str]", "a slot of type boolean is no str.", "Write gift: Slot[bool]."),
        ("note: Slot[int | None]", "a slot of type text is no int | None.", "Write note: Slot[str | None]."),
        ("guests: Slot[int | str]", "a slot of type integer is no int | str.", "Write guests: Slot[int]."),
        ("guests: Slot", "a slot of type integer is no Anything.", "Write guests: Slot[int]."),
        ("order: Slot[str]", "the bot has no slot 'order'.", "Did you mean 'order_id'?"),
        ("zzz: Slot[str]", "the bot has no slot 'zzz'.", "Known here: gift, guests, note, order_id, weight."),
        ("note: Slot[str]", "the slot 'note' has no `ask`, so nothing fills it.", "Add its question to the bot file."),
        ("order_id: str", "nothing provides str.", "Write order_id: Slot[str]."),
        ("guests: Slot[int] | None", "nothing provides int | None.", "Write guests: Slot[int | None]."),
        (
            "ledger: Ledger",
            "nothing provides Ledger.",
            f"Write a function that returns Ledger under @router.provide, or ask for one of {KNOWN}.",
        ),
    ],
)
def test_a_parameter_that_nobody_can_give_is_refused_in_its_place(
    tmp_path: Path, parameter: str, message: str, remedy: str
) -> None:
    name = parameter.partition(":")[0]
    assert refusal(tmp_path, parameter) == (FIRST + 5, 18, f"status({name}): {message}", remedy)


@pytest.mark.parametrize(("parameter", "column"), [("*turns: Turn", 19), ("**turns: Turn", 20), ("turns: Turn, /", 18)])
def test_a_parameter_that_cannot_be_given_by_name_is_refused(tmp_path: Path, parameter: str, column: int) -> None:
    message = "status(turns) cannot be given by name."
    assert refusal(tmp_path, parameter) == (FIRST + 5, column, message, "Leave out /, * and **.")


def test_a_parameter_without_a_type_is_refused(tmp_path: Path) -> None:
    remedy = "Write order: Slot[str] for a slot of that name, or annotate it with a type that is provided."
    assert refusal(tmp_path, "order") == (FIRST + 5, 18, "status(order) has no type.", remedy)


def refusal(folder: Path, parameter: str) -> tuple[int, int, str, str]:
    """The one thing that is wrong with a handler that asks for this."""
    code = f"""
        @router.provide
        def orders() -> Orders:
            return Orders()

        @router.intent("status")
        async def status({parameter}) -> None: ...
    """
    (problem,) = refused(write(folder, code))
    return problem.line, problem.column, problem.message, problem.remedy


def test_a_name_that_is_imported_for_type_checkers_only_is_refused(tmp_path: Path) -> None:
    code = """
        @router.intent("status")
        async def status(turn: "Tern") -> None: ...
    """
    (problem,) = refused(write(tmp_path, code))
    assert (problem.line, problem.column) == (FIRST, 1)
    assert problem.message == "An annotation of status fails: name 'Tern' is not defined."
    assert problem.remedy == "Import what it names, also when the file runs."


def test_a_parameter_is_found_among_others_of_its_name(tmp_path: Path) -> None:
    code = """
        def before(order: int): ...

        class Desk:
            def inner(self, order: int):
                def deeper(order: int): ...

            async def status(self, turn: Turn, order: Slot[str]) -> None: ...

        router.intent("status")(Desk().status)

        def after(order: int): ...
    """
    (problem,) = refused(write(tmp_path, code))
    assert (problem.line, problem.column) == (FIRST + 6, 40)


def test_everything_that_is_wrong_is_said_at_once_in_every_handler(tmp_path: Path) -> None:
    code = """
        @router.intent("status")
        async def status(order: Slot[str], guests: Slot[str]) -> None: ...

        @router.intent("refund")
        async def refund(untyped) -> None: ...

        @router.fallback
        async def sorry(nothing: Ledger) -> None: ...

        @router.provide
        def orders(): ...
    """
    found = [(problem.line - FIRST, problem.column) for problem in refused(write(tmp_path, code))]
    assert sorted(found) == [(1, 18), (1, 36), (4, 18), (7, 17), (9, 1)]


@pytest.mark.parametrize(
    ("code", "line", "message", "remedy"),
    [
        (
            '@router.intent("statsu")\ndef status(): ...',
            0,
            "The bot 'sample' has no intent 'statsu'.",
            "Did you mean 'status'?",
        ),
        (
            '@router.intent("thanks")\ndef thanks(): ...',
            0,
            "The intent 'thanks' has a `reply` in {bot} and a handler here.",
            "Keep one of the two.",
        ),
        (
            '@router.intent("status")\ndef one(): ...\n\n@router.intent("status")\ndef two(): ...',
            3,
            "The intent 'status' has another handler already.",
            "Keep one of the two.",
        ),
        (
            '@router.timer("remind")\ndef one(): ...\n\n@router.timer("remind")\ndef two(): ...',
            3,
            "The timer 'remind' has another handler already.",
            "Keep one of the two.",
        ),
        (
            "@router.fallback\ndef one(): ...\n\n@router.fallback\ndef two(): ...",
            3,
            "A bot has one fallback handler.",
            "Keep one of them.",
        ),
    ],
)
def test_a_handler_that_does_not_fit_the_bot_is_refused(
    tmp_path: Path, code: str, line: int, message: str, remedy: str
) -> None:
    path = write(tmp_path, code)
    (problem,) = refused(path)
    assert (problem.line, problem.column) == (FIRST + line, 1)
    assert (problem.message, problem.remedy) == (message.format(bot=path.with_suffix(".yaml")), remedy)


def test_every_surplus_handler_is_refused_also_across_routers(tmp_path: Path) -> None:
    code = """
        @router.intent("status")
        def one(): ...

        other = Router()

        @other.intent("status")
        def two(): ...

        @other.intent("status")
        def three(): ...
    """
    assert [problem.line - FIRST for problem in refused(write(tmp_path, code))] == [5, 8]


def test_routers_of_one_file_are_one(tmp_path: Path) -> None:
    code = """
        @router.intent("status")
        def status(orders: Orders): ...

        other = again = Router()

        @other.intent("refund")
        def refund(): ...

        @other.provide
        def orders() -> Orders:
            return Orders()
    """
    assert built(write(tmp_path, code)).wants == {"status": (), "refund": ()}


TYPED = bot(
    intents=[Intent("status")],
    slots=[
        Slot("day", "date", ask=text("When?")),
        Slot("hour", "time", ask=text("At what time?")),
        Slot("start", "datetime", ask=text("From when?")),
        Slot("stay", "duration", ask=text("How long?")),
        Slot("price", "money", ask=text("How much?")),
        Slot("place", "location", ask=text("Where?")),
        Slot("email", "email", ask=text("Which address?")),
    ],
)


async def test_typed_slots_are_given_as_what_python_has_for_them(tmp_path: Path) -> None:
    code = """
        from datetime import date, datetime, time, timedelta
        from decimal import Decimal

        @router.intent("status")
        def status(
            day: Slot[date],
            hour: Slot[time],
            start: Slot[datetime],
            stay: Slot[timedelta],
            price: Slot[Decimal],
            place: Slot[dict[str, float]],
            email: Slot[str],
        ) -> Any:
            return [day, hour, start, stay, price, place, email]
    """
    slots: dict[str, Value] = {
        "day": "2026-12-04",
        "hour": "20:00",
        "start": "2026-12-04T20:00+01:00",
        "stay": 5400,
        "price": {"amount": "25.00", "currency": "EUR"},
        "place": {"latitude": 36.7, "longitude": -4.4},
        "email": "a@example.com",
    }
    handlers = built(write(tmp_path, code), TYPED)
    given = await handlers.call("status", turn("hi", of=TYPED, state=State(slots=slots)), NO_STEPS)
    assert given == [
        date(2026, 12, 4),
        time(20),
        datetime(2026, 12, 4, 20, tzinfo=timezone(timedelta(hours=1))),
        timedelta(minutes=90),
        Decimal("25.00"),
        {"latitude": 36.7, "longitude": -4.4},
        "a@example.com",
    ]


def test_a_typed_slot_of_another_type_is_refused(tmp_path: Path) -> None:
    code = "@router.intent('status')\ndef status(day: Slot[str]) -> Any: ..."
    (problem,) = refused(write(tmp_path, code), TYPED)
    assert (problem.message, problem.remedy) == (
        "status(day): a slot of type date is no str.",
        "Write day: Slot[date].",
    )
