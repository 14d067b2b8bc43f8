"""config.yaml and the environment, as one frozen value, or everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from pydantic import ValidationError

from botkit.config import EMBEDDED, MEMORY, OPENAI_URL, POSTGRESQL, SQLITE, Config, load, without_password
from botkit.dialogue.pace import Pace
from botkit.errors import ConfigError

Configure = Callable[..., Config]


@pytest.fixture
def configure(tmp_path: Path) -> Configure:
    """The configuration of a file, in an environment that has only what is named."""

    def configured(source: str = "", **environment: str) -> Config:
        (tmp_path / "config.yaml").write_text(source)
        return load(tmp_path / "config.yaml", environment)

    return configured


@pytest.fixture
def mistakes(configure: Configure) -> Callable[..., list[tuple[int, int, str, str]]]:
    """Line, column, message and remedy of everything that is wrong with a file."""

    def found(source: str, **environment: str) -> list[tuple[int, int, str, str]]:
        with pytest.raises(ConfigError) as caught:
            configure(source, **environment)
        return [(problem.line, problem.column, problem.message, problem.remedy) for problem in caught.value.problems]

    return found


Mistakes = Callable[..., list[tuple[int, int, str, str]]]

# ─── defaults ───


def test_nothing_needs_to_be_configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load(None, {}) == Config()


@pytest.mark.parametrize("source", ["", "\n", "# nothing yet\n", "{}\n", "null\n"])
def test_an_empty_file_changes_nothing(configure: Configure, source: str) -> None:
    assert configure(source).model_dump() == Config().model_dump()


def test_the_defaults_embed_the_gateway_and_know_no_secret() -> None:
    config = Config()
    assert (config.api.url, config.server.host, config.server.port) == (EMBEDDED, "127.0.0.1", 8080)
    assert not config.models["default"].is_configured
    assert {config.api.key.get_secret_value(), config.api.webhook_secret.get_secret_value()} == {""}


def test_what_a_file_does_not_name_keeps_its_default(configure: Configure) -> None:
    config = configure("server: {port: 81}\nmodels: {default: {timeout: 5s}}\n", OPENAI_API_KEY="sk")
    assert (config.server.host, config.server.port) == ("127.0.0.1", 81)
    assert (config.models["default"].model, config.models["default"].timeout) == ("gpt-4.1-mini", 5.0)
    assert config.models["default"].key.get_secret_value() == "sk"


def test_a_second_model_joins_the_first(configure: Configure) -> None:
    models = configure("models: {big: {model: large, url: 'http://localhost:11434/v1'}}\n").models
    assert (list(models), models["big"].is_configured) == (["default", "big"], True)


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    for path in (tmp_path / "gone.yaml", tmp_path):
        with pytest.raises(ConfigError, match=r"There is no configuration .*\. Leave out --config to run"):
            load(path, {})


def test_a_configuration_is_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        setattr(Config(), "store", "memory")  # noqa: B010 (a type checker refuses it, too)


# ─── the environment ───


def test_well_known_names_of_the_environment_are_read_without_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    environment = {
        "BOTKIT_PUBLIC_URL": "https://bot.example.com",
        "MESSAGING_API_KEY": "key",
        "MESSAGING_WEBHOOK_SECRET": "whs",
        "BOTKIT_MODEL": "tiny",
        "OPENAI_BASE_URL": "http://localhost:11434/v1",
        "OPENAI_API_KEY": "sk",
        "BOTKIT_METRICS_KEY": "mk",
    }
    config = load(None, environment)
    assert config.server.public_url == "https://bot.example.com"
    assert (config.api.key.get_secret_value(), config.api.webhook_secret.get_secret_value()) == ("key", "whs")
    assert config.metrics.key.get_secret_value() == "mk"
    model = config.models["default"]
    assert (model.model, model.url, model.key.get_secret_value()) == ("tiny", "http://localhost:11434/v1", "sk")


def test_the_process_environment_is_read_when_none_is_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BOTKIT_MODEL", "tiny")
    assert load().models["default"].model == "tiny"


def test_the_file_goes_before_the_environment(configure: Configure) -> None:
    config = configure("models: {default: {model: mine}}\n", BOTKIT_MODEL="theirs", OPENAI_API_KEY="sk")
    assert (config.models["default"].model, config.models["default"].key.get_secret_value()) == ("mine", "sk")


@pytest.mark.parametrize(
    ("written", "environment", "read"),
    [
        ("${NAME}", {"NAME": "x"}, "x"),
        ("${NAME:-y}", {"NAME": "x"}, "x"),
        ("${NAME:-y}", {}, "y"),
        ("${NAME:-y}", {"NAME": ""}, "y"),
        ("${NAME:-}", {}, ""),
        ("a-${NAME}-${OTHER:-b}-c", {"NAME": "x"}, "a-x-b-c"),
        ("${NAME:-http://x:1/a?b=c}", {}, "http://x:1/a?b=c"),
        ("${NAME}", {"NAME": "${OTHER}", "OTHER": "no"}, "${OTHER}"),
        ("$NAME and ${9} and ${}", {}, "$NAME and ${9} and ${}"),
    ],
)
def test_a_reference_is_replaced_once(
    configure: Configure, written: str, environment: Mapping[str, str], read: str
) -> None:
    assert configure(f"prompts: '{written}'\n", **environment).prompts == read


def test_references_stand_in_lists_too(configure: Configure) -> None:
    assert configure("bots: ['${ONE}', two.yaml]\n", ONE="one.yaml").bots == ["one.yaml", "two.yaml"]


def test_a_number_and_a_boolean_may_come_from_the_environment(configure: Configure) -> None:
    config = configure("server: {port: '${PORT}'}\nlog: {texts: '${TEXTS}'}\n", PORT="81", TEXTS="true")
    assert (config.server.port, config.log.texts) == (81, True)


def test_a_name_that_the_environment_lacks_is_one_mistake_wherever_it_stands(mistakes: Mistakes) -> None:
    assert mistakes("bots: ['${A}']\nserver:\n  port: ${PORT}\nstore: ${STORE}\n", STORE="") == [
        (1, 8, "The environment has no A, which is named here.", "Set it, or write ${A:-a default}."),
        (3, 9, "The environment has no PORT, which is named here.", "Set it, or write ${PORT:-a default}."),
        (4, 8, "The environment has no STORE, which is named here.", "Set it, or write ${STORE:-a default}."),
    ]


def test_what_the_environment_says_is_checked_where_it_is_named(mistakes: Mistakes) -> None:
    assert mistakes("server:\n  port: ${PORT}\n", PORT="http") == [
        (2, 9, "This must be a whole number, not 'http'.", "Write it in digits.")
    ]


# ─── secrets ───

SECRETS = """
api: {key: "hunter-one", webhook_secret: "${SECRET}"}
models: {default: {key: "hunter-three"}, big: {model: x, key: "hunter-four"}}
metrics: {key: "hunter-five"}
store: "postgresql://botkit:hunter-six@db.example.com/botkit"
"""


def test_secrets_are_in_no_text_form_of_a_configuration(configure: Configure) -> None:
    config = configure(SECRETS, SECRET="hunter-two")
    assert config.models["big"].key.get_secret_value() == "hunter-four"
    for form in (
        repr,
        str,
        Config.model_dump_json,
        lambda it: f"{it.model_dump()}",
        lambda it: f"{it.api} {it.models}",
    ):
        assert "hunter" not in form(config)


@pytest.mark.parametrize(
    "source",
    [
        "api: {key: [hunter]}",
        "api: {key: {hunter: hunter}}",
        "models: {default: {key: [hunter]}}",
        "api: {key: '${KEY}', webhook_secret: '${KEY}', dialekt: guide}",
        "api: {key: '${KEY}'}\nserver: {port: x}",
        "metrics: {key: [hunter]}",
        "store: 'postgres://botkit:hunter@db/botkit'",
        "gateway: 'postgresql://botkit:${KEY}@db/botkit'",
    ],
)
def test_secrets_are_in_no_mistake(configure: Configure, source: str) -> None:
    with pytest.raises(ConfigError) as caught:
        configure(source, KEY="hunter")
    shown = f"{caught.value!r} {caught.value} {caught.value.problems!r} {caught.value.__cause__!r}"
    assert "hunter" not in shown


def test_a_secret_that_looks_like_a_number_is_not_repeated(mistakes: Mistakes) -> None:
    assert mistakes("api: {key: 4711}\n") == [(1, 12, "A secret is a text.", "Put it in quotes.")]


# ─── mistakes ───


def test_every_mistake_is_said_at_once_in_the_order_of_the_file(mistakes: Mistakes) -> None:
    source = """\
bots: bots/shop.yaml
sever: {port: 1}
server: {port: 99999, prot: 1}
api: {dialect: guid, timeout: soon, signature_age: -5}
models: {default: {timeout: true}, big: x}
capacity: {thinking: 0}
delivery: {window: {sms: 1d}, on_uncertain: ask, rate: {sms: 1/s}, pair: {rate: 10, burst: 0}}
log: {level: loud}
"""
    length = "Write it as in 30s, 20m, 8h or 7d."
    assert mistakes(source) == [
        (1, 7, "This must be a list, not 'bots/shop.yaml'.", "Write it in brackets: […]."),
        (2, 1, "There is no key 'sever' here.", "Did you mean 'server'?"),
        (3, 16, "99999 is too much.", "Write 65535 or less."),
        (3, 23, "There is no key 'prot' here.", "Did you mean 'port'?"),
        (4, 16, "'guid' is not known here.", "Did you mean 'guide'?"),
        (4, 31, "'soon' is no length of time.", length),
        (4, 52, "-5 is no length of time.", length),
        (5, 29, "true is no length of time.", length),
        (5, 41, "This must be a map, not 'x'.", "Write it as `key: value`, or leave it out."),
        (6, 22, "0 is too little.", "Write 1 or more."),
        (7, 21, "There is no key 'sms' here.", "Known here: instagram, messenger, whatsapp."),
        (7, 45, "'ask' is not known here.", "Known here: hold, resend."),
        (7, 57, "There is no key 'sms' here.", "Known here: instagram, messenger, whatsapp."),
        (7, 81, "10 is no rate.", "Write it as in 80/s, 10/m, 30/h or unlimited."),
        (7, 92, "0 is too little.", "Write 1 or more."),
        (8, 14, "'loud' is not known here.", "Known here: debug, error, info, warning."),
    ]


@pytest.mark.parametrize("source", ["- bots\n", "hello\n", "42\n"])
def test_a_file_that_is_no_map_is_told_so(mistakes: Mistakes, source: str) -> None:
    assert mistakes(source) == [(1, 1, "This file must be a map of settings.", "See config.example.yaml.")]


@pytest.mark.parametrize("section", ["server", "api", "models", "delivery", "capacity", "metrics", "log"])
def test_a_section_that_was_emptied_is_told_so(mistakes: Mistakes, section: str) -> None:
    ((line, _, message, _),) = mistakes(f"{section}:\n")
    assert (line, message) == (1, "This must be a map, not nothing.")


@pytest.mark.parametrize(
    ("source", "line", "column"),
    [
        ("bots: [a\n", 1, 7),
        ("store: &x memory\n", 1, 8),
        ("prompts: a\nprompts: b\n", 2, 1),
        ("server: {port: ${PORT}}\n", 1, 16),
    ],
)
def test_what_is_no_yaml_is_named_with_its_place(mistakes: Mistakes, source: str, line: int, column: int) -> None:
    assert [found[:2] for found in mistakes(source)] == [(line, column)]


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("30s", 30.0),
        ("20m", 1200.0),
        ("8h", 28800.0),
        ("7d", 604800.0),
        ("250ms", 0.25),
        ("1.5h", 5400.0),
        ("5", 5.0),
        ("0", 0.0),
    ],
)
def test_a_length_of_time_is_written_with_its_unit(configure: Configure, written: str, seconds: float) -> None:
    assert configure(f"api: {{timeout: {written}}}\n").api.timeout == seconds


@pytest.mark.parametrize(
    "written", ["soon", "'5'", "5 s", "-5", "-0.5", "-5s", "5w", "1h30m", "null", "[5]", "true", "''"]
)
def test_anything_else_is_no_length_of_time(mistakes: Mistakes, written: str) -> None:
    ((_, _, message, remedy),) = mistakes(f"api: {{timeout: {written}}}\n")
    assert message.endswith(" is no length of time.")
    assert remedy == "Write it as in 30s, 20m, 8h or 7d."


@pytest.mark.parametrize(
    ("written", "apart"),
    [("80/s", 0.0125), ("10/m", 6.0), ("30/h", 120.0), ("0.5/s", 2.0), ("1/h", 3600.0), ("unlimited", 0.0)],
)
def test_a_rate_is_so_many_in_a_second_a_minute_or_an_hour(configure: Configure, written: str, apart: float) -> None:
    assert configure(f"delivery: {{pair: {{rate: {written}}}}}\n").delivery.pair.rate == apart


@pytest.mark.parametrize(
    "written", ["80", "'80'", "80/d", "80 / s", "0/s", "0.0/m", "-1/s", "/s", "80/", "1/30s", "null", "true", "[1/s]"]
)
def test_anything_else_is_no_rate(mistakes: Mistakes, written: str) -> None:
    ((_, _, message, remedy),) = mistakes(f"delivery: {{rate: {{whatsapp: {written}}}}}\n")
    assert message.endswith(" is no rate.")
    assert remedy == "Write it as in 80/s, 10/m, 30/h or unlimited."


# ─── delivery and capacity ───


def test_by_default_sending_keeps_what_whatsapp_allows() -> None:
    delivery = Config().delivery
    assert delivery.rates == {"whatsapp": Pace(1 / 80)}
    assert delivery.pairs == {"whatsapp": Pace(6.0, burst=45)}
    assert delivery.on_uncertain == "hold"


def test_the_paces_of_channels_and_contacts_can_be_set(configure: Configure) -> None:
    source = """
delivery:
  on_uncertain: resend
  rate: {instagram: 5/s}
  pair: {rate: 20/m, burst: 3}
"""
    delivery = configure(source).delivery
    assert delivery.rates == {"whatsapp": Pace(1 / 80), "instagram": Pace(0.2)}
    assert delivery.pairs == {"whatsapp": Pace(3.0, burst=3)}
    assert delivery.on_uncertain == "resend"


def test_what_is_unlimited_has_no_pace(configure: Configure) -> None:
    delivery = configure("delivery: {rate: {whatsapp: unlimited}, pair: {rate: unlimited}}\n").delivery
    assert (delivery.rates, delivery.pairs) == ({}, {})


def test_a_turn_is_tried_a_few_times_and_may_take_its_time(configure: Configure) -> None:
    capacity = configure("capacity: {turn: 5m, attempts: 3}\n").capacity
    assert (capacity.turn, capacity.attempts) == (300.0, 3)
    assert (Config().capacity.turn, Config().capacity.attempts) == (120.0, 5)


def test_what_was_said_is_kept_for_more_than_a_year(configure: Configure) -> None:
    assert (Config().retention, configure("retention: 30d\n").retention) == (400 * 86400.0, 30 * 86400.0)


# ─── models, paths and stores ───


@pytest.mark.parametrize(
    ("key", "url", "is_configured"),
    [("", OPENAI_URL, False), ("sk", OPENAI_URL, True), ("", "http://localhost:11434/v1", True)],
)
def test_a_model_is_configured_by_a_key_or_a_server_of_its_own(
    configure: Configure, key: str, url: str, *, is_configured: bool
) -> None:
    config = configure("", OPENAI_API_KEY=key, OPENAI_BASE_URL=url)
    assert config.models["default"].is_configured is is_configured


def test_relative_paths_start_from_the_folder_of_the_file(configure: Configure, tmp_path: Path) -> None:
    config = configure()
    assert config.path("bots/shop.yaml") == tmp_path / "bots/shop.yaml"
    assert config.path("/elsewhere/shop.yaml") == Path("/elsewhere/shop.yaml")
    config.start_from(Path("/opt"))
    assert config.path("bots") == Path("/opt/bots")


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("memory", None),
        ("sqlite:///botkit.db", Path("botkit.db")),
        ("sqlite:////var/botkit.db", Path("/var/botkit.db")),
    ],
)
def test_the_url_of_a_store_names_its_file(url: str, path: Path | None) -> None:
    assert Config().store_path(url) == path


@pytest.mark.parametrize("url", ["", "botkit.db", "sqlite://botkit.db", "sqlite:///", "postgresql://db/botkit"])
def test_only_a_store_of_sqlite_has_a_file(url: str) -> None:
    with pytest.raises(ConfigError, match=r"is no file of SQLite\. Write sqlite:///botkit\.db or memory\."):
        Config().store_path(url)


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("memory", MEMORY),
        ("sqlite:///botkit.db", SQLITE),
        ("postgresql://db/botkit", POSTGRESQL),
        ("postgresql://botkit:secret@db:5432/botkit?sslmode=require", POSTGRESQL),
    ],
)
def test_a_store_is_of_the_kind_that_its_url_begins_with(configure: Configure, url: str, kind: str) -> None:
    config = configure("store: ${STORE}\n", STORE=url)
    assert (config.store, config.store_kind) == (url, kind)


ANY_STORE = "Write it as in sqlite:///botkit.db, postgresql://user@host/name or memory."
OWN_STORE = "Write it as in sqlite:///botkit.db or memory."


@pytest.mark.parametrize("url", ["botkit.db", "sqlite://botkit.db", "Memory", "mysql://db/botkit", "postgresql://"])
@pytest.mark.parametrize(("setting", "remedy"), [("store", ANY_STORE), ("gateway", OWN_STORE)])
def test_a_store_that_botkit_does_not_know_is_refused(mistakes: Mistakes, setting: str, remedy: str, url: str) -> None:
    column = len(setting) + 3
    assert mistakes(f"{setting}: {url}\n") == [(1, column, f"{url!r} is no store that fits here.", remedy)]


def test_the_gateway_keeps_its_side_to_itself(mistakes: Mistakes) -> None:
    message = "'postgresql://botkit:…@db/botkit' is no store that fits here."
    assert mistakes("gateway: 'postgresql://botkit:secret@db/botkit'\n") == [(1, 10, message, OWN_STORE)]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://botkit:se@cr:et@db/botkit", "postgresql://botkit:…@db/botkit"),
        ("postgresql://botkit@db:5432/botkit", "postgresql://botkit@db:5432/botkit"),
        ("sqlite:////var/a:b@c.db", "sqlite:////var/a:b@c.db"),
        ("memory", "memory"),
    ],
)
def test_the_password_of_a_store_is_not_shown(url: str, shown: str) -> None:
    assert without_password(url) == shown


# ─── web addresses ───


@pytest.mark.parametrize(
    ("setting", "where"),
    [
        ("api: {{url: {}}}", "api.url"),
        ("server: {{public_url: {}}}", "server.public_url or BOTKIT_PUBLIC_URL"),
        ("models: {{default: {{url: {}}}}}", "models.<name>.url or OPENAI_BASE_URL"),
    ],
)
@pytest.mark.parametrize(
    "url", ["localhost:8080/api", "example.com", "ftp://example.com", "http://", "https:///v1", "'http://a b'"]
)
def test_what_is_no_web_address_is_named_with_what_to_change(
    mistakes: Mistakes, setting: str, where: str, url: str
) -> None:
    ((_, _, message, remedy),) = mistakes(setting.format(url) + "\n")
    assert message == f"{url.strip(chr(39))!r} is no web address."
    assert remedy.startswith("Write it with https:// or http:// before it, in ")
    assert where in remedy


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/api", "https://api.example.com", "http://[::1]:11434/v1"])
def test_web_addresses_pass(configure: Configure, url: str) -> None:
    assert configure(f"api: {{url: '{url}'}}\n").api.url == url


def test_an_address_in_the_environment_is_checked_as_well() -> None:
    with pytest.raises(ConfigError, match=r"'localhost:11434/v1' is no web address\..*OPENAI_BASE_URL"):
        load(None, {"OPENAI_BASE_URL": "localhost:11434/v1"})
