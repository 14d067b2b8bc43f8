"""What the API answers becomes a value or the error that says who must act."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import orjson
import pytest

from botkit.errors import (
    OutcomeUnknown,
    RateLimited,
    Rejected,
    SendError,
    TemplateRefused,
    Unauthorized,
    Unreachable,
    WindowClosed,
)
from botkit.ledger import Receipt
from botkit.messaging.answers import found_list, listed, read, receipt, retry_after
from botkit.messaging.codes import MEANINGS
from botkit.messaging.fields import identity


def error_of(status: int, body: object = b"", headers: Mapping[str, str] = {}) -> SendError:
    """The error that an answer means."""
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    with pytest.raises(SendError) as caught:
        read(status, headers, raw, "POST /messages")
    return caught.value


def meta(code: object, words: str = "words", **more: object) -> dict[str, object]:
    """An error in Meta's form."""
    return {"error": {"message": words, "type": "OAuthException", "code": code, **more}}


# ─── errors ───

CODES: Mapping[type[SendError], tuple[int, ...]] = {
    WindowClosed: (131047,),
    TemplateRefused: (132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016, 132068),
    RateLimited: (4, 613, 80007, 130429, 131048, 131056, 132069),
    Unreachable: (1, 2, 131000, 131016, 131057, 133004, 135000),
    Unauthorized: (0, 190, 3, 10, *range(200, 300), 131005, 368, 131031, 131042, 131045, 133010, 131037),
    Rejected: (
        100, 551, 130403, 130472, 130497, 131008, 131009, 131021, 131026, 131030, 131049, 131050, 131051, 131052,
        131053, 131062, 131063, 131064,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("expected", "code"), [(kind, code) for kind, codes in CODES.items() for code in codes])
def test_each_code_of_the_platform_says_who_must_act(expected: type[SendError], code: int) -> None:
    error = error_of(400, meta(code))
    assert type(error) is expected
    assert error.code == str(code)


def test_no_code_of_the_table_is_untested() -> None:
    assert set(MEANINGS) == {str(code) for codes in CODES.values() for code in codes} | {"10/2018278", "10/2534022"}


@pytest.mark.parametrize("status", [200, 400, 401, 429, 500, 503])
@pytest.mark.parametrize(("expected", "code"), [(kind, codes[0]) for kind, codes in CODES.items()])
def test_a_known_code_outweighs_the_status(expected: type[SendError], code: int, status: int) -> None:
    assert type(error_of(status, meta(code))) is expected


@pytest.mark.parametrize("code", [999999, 33, "x", ""])
def test_a_code_that_nobody_knows_leaves_it_to_words_and_status(code: object) -> None:
    assert type(error_of(400, meta(code))) is Rejected
    assert type(error_of(429, meta(code))) is RateLimited
    assert type(error_of(500, meta(code))) is OutcomeUnknown
    assert type(error_of(400, meta(code, "Rate limit exceeded"))) is RateLimited


@pytest.mark.parametrize("subcode", [2018278, 2534022])
def test_the_window_of_messenger_and_instagram_is_told_by_a_subcode(subcode: int) -> None:
    error = error_of(403, meta(10, error_subcode=subcode))
    assert (type(error), error.code) == (WindowClosed, f"10/{subcode}")


def test_a_pair_limit_concerns_one_contact_and_the_others_the_channel() -> None:
    pair, channel = error_of(400, meta(131056)), error_of(400, meta(130429))
    assert isinstance(pair, RateLimited)
    assert isinstance(channel, RateLimited)
    assert (pair.of_contact, channel.of_contact) == (True, False)


def test_a_bare_500_may_have_arrived() -> None:
    assert type(error_of(500)) is OutcomeUnknown


def test_other_subcodes_change_nothing() -> None:
    assert error_of(400, meta(100, error_subcode=33)).code == "100"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (301, Rejected), (302, Rejected), (304, Rejected),
        (400, Rejected), (404, Rejected), (405, Rejected), (409, Rejected), (413, Rejected), (422, Rejected),
        (401, Unauthorized), (403, Unauthorized),
        (408, Unreachable), (425, Unreachable), (503, Unreachable),
        (429, RateLimited),
        (500, OutcomeUnknown), (501, OutcomeUnknown), (502, OutcomeUnknown), (504, OutcomeUnknown),
    ],
)  # fmt: skip
@pytest.mark.parametrize("body", [b"", b"<html>no</html>", b"null", b'["odd"]', b'{"detail": "no"}', b"\xff"])
def test_without_a_code_the_status_decides(status: int, expected: type[SendError], body: bytes) -> None:
    assert type(error_of(status, body)) is expected


@pytest.mark.parametrize("status", [400, 401, 500, 503])
def test_a_closed_window_is_known_by_its_code_whatever_the_status(status: int) -> None:
    assert type(error_of(status, meta(131047))) is WindowClosed


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Message failed: more than 24 hours have passed", WindowClosed),
        ("Re-engagement message", WindowClosed),
        ("outside the allowed messaging window", WindowClosed),
        ("The window is closed.", WindowClosed),
        ("(#131047) Re-engagement message", WindowClosed),
        ("Rate limit exceeded", RateLimited),
        ("Too many requests", RateLimited),
        ("(#130429) something", RateLimited),
        ("(#131000) something", Unreachable),
        ("Order 1234567 is unknown", Rejected),
    ],
)
@pytest.mark.parametrize("form", ["error", "message", "detail"])
def test_errors_in_words_alone_are_understood(words: str, expected: type[SendError], form: str) -> None:
    assert type(error_of(400, {form: words})) is expected


def test_a_code_outweighs_the_words() -> None:
    assert type(error_of(400, meta(132000, "the 24-hour template has 2 parameters"))) is TemplateRefused


def test_an_error_says_what_was_attempted_and_what_was_answered() -> None:
    error = error_of(400, meta(131026, "Message undeliverable"))
    assert str(error) == "POST /messages: the Messaging API answered 400, Message undeliverable"


def test_details_stand_in_for_missing_words() -> None:
    assert "no such number" in str(error_of(400, meta(100, "", error_data={"details": "no such number"})))


def test_a_refused_key_says_which_setting_to_change() -> None:
    assert str(error_of(401, meta(190, "Expired."))).endswith("answered 401, Expired. Check api.key in config.yaml.")


def test_a_restricted_account_is_no_matter_of_the_key() -> None:
    words = str(error_of(403, meta(131031, "Account locked")))
    assert "api.key" not in words
    assert "needs a person" in words


@pytest.mark.parametrize("error", [[], {"code": {}}, {"message": []}, {"error_data": "x"}, 5, True, {"message": "\0"}])
def test_odd_errors_are_errors_all_the_same(error: object) -> None:
    assert type(error_of(400, {"error": error})) is Rejected


def test_a_long_error_is_cut() -> None:
    assert len(str(error_of(400, {"error": "x" * 100_000}))) < 1000


# ─── failures in a success ───


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"accepted": False}, Rejected),
        ({"success": False}, Rejected),
        ({"success": False, "error": {"code": 131047}}, WindowClosed),
        ({"success": False, "message": "Too many requests"}, RateLimited),
        ({"accepted": False, "error": "(#131047) Re-engagement message"}, WindowClosed),
        ({"data": {"accepted": False}}, Rejected),
        ({"data": {"message": {"id": "m", "status": "unsent", "error": "Rate limit exceeded"}}}, RateLimited),
        ({"data": {"message": {"id": "m", "status": "unsent"}}}, Rejected),
        ({"data": {"message": {"id": "m", "status": "FAILED"}}}, Rejected),
        ({"data": {"message": {"id": "m", "status": "sent", "error": "no"}}}, Rejected),
        ({"data": {"message": {"id": "m", "error": {"code": 190, "message": "expired"}}}}, Unauthorized),
        ({"data": {"id": "m", "status": "undelivered"}}, Rejected),
        ({"message": {"messageId": "m", "status": "rejected"}}, Rejected),
        ({"message": {"messageId": "m", "error": {"code": 131016}}}, Unreachable),
        (meta(131047), WindowClosed),
        ({"error": "Rate limit exceeded"}, RateLimited),
        ({"error": True}, Rejected),
    ],
)
@pytest.mark.parametrize("status", [200, 201, 202])
def test_a_failure_told_in_a_success_is_a_failure(status: int, body: object, expected: type[SendError]) -> None:
    assert type(error_of(status, body)) is expected


@pytest.mark.parametrize(
    "body",
    [
        {"success": True, "data": []},
        {"accepted": True, "message": {"messageId": "m", "status": "sent"}},
        {"data": {"message": {"id": "m", "status": "accepted", "error": None}}},
        {"data": {"message": {"id": "m", "status": "delivered", "error": ""}}, "error": None},
        {"data": [{"status": "failed"}]},
        {"messages": [{"messageId": "m", "status": "failed", "error": "old"}]},
        [],
        {},
    ],
)
def test_everything_else_is_a_success(body: object) -> None:
    assert read(200, {}, orjson.dumps(body), "GET /x") == body


NOT_JSON = [b"", b"<html>all fine</html>", b"\xff\xfe", b"{"]


@pytest.mark.parametrize("body", NOT_JSON)
def test_a_send_is_taken_although_its_answer_is_not_json(body: bytes) -> None:
    assert receipt(read(200, {}, body, "POST /messages")) == Receipt("", "", "accepted")


@pytest.mark.parametrize("body", NOT_JSON)
def test_what_is_read_must_be_json(body: bytes) -> None:
    with pytest.raises(OutcomeUnknown, match="Is that the Messaging API's base URL"):
        read(200, {}, body, "GET /channels")


def test_a_lone_surrogate_does_not_spoil_an_answer() -> None:
    assert read(200, {}, rb'{"text": "\ud800"}', "GET /x") == {"text": "\ufffd"}


# ─── Retry-After ───


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("0", 0.0),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("3600", 3600.0),
        ("3601", 3600.0),
        ("9" * 400, 3600.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("", None),
        ("-7", None),
        ("1.5", None),
        ("²", None),
        ("soon", None),
        ("Wed, 21 Oct 2015 07:28:00 -0000", None),
    ],
)
def test_the_api_may_say_when_to_come_back(written: str, seconds: float | None) -> None:
    assert retry_after({"Retry-After": written}) == seconds


def test_a_date_to_come_is_so_many_seconds_away_but_an_hour_at_most() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(minutes=30), usegmt=True)
    assert 1700 < (retry_after({"Retry-After": soon}) or 0) <= 1800
    assert retry_after({"Retry-After": "Fri, 31 Dec 9999 23:59:59 GMT"}) == 3600.0


def test_without_the_header_nothing_is_said() -> None:
    assert retry_after({}) is None


@pytest.mark.parametrize(
    ("headers", "seconds"), [({"Retry-After": "30"}, 30.0), ({"Retry-After": "0"}, 0.0), ({}, None)]
)
def test_a_limit_says_how_long_only_where_the_api_does(headers: dict[str, str], seconds: float | None) -> None:
    error = error_of(429, b"", headers)
    assert isinstance(error, RateLimited)
    assert error.retry_after == seconds


@pytest.mark.parametrize(("headers", "seconds"), [({"Retry-After": "30"}, 30.0), ({}, None)])
def test_a_busy_api_may_say_how_long(headers: dict[str, str], seconds: float | None) -> None:
    error = error_of(503, b"", headers)
    assert isinstance(error, Unreachable)
    assert error.retry_after == seconds


# ─── values ───


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (
            {"data": {"message": {"id": "m", "providerId": "wamid.1", "status": "Sent"}}},
            Receipt("m", "wamid.1", "sent"),
        ),
        ({"success": True, "data": {"message": {"id": "m", "waId": "wamid.1"}}}, Receipt("m", "wamid.1", "accepted")),
        ({"accepted": True, "message": {"messageId": "m", "status": "queued"}}, Receipt("m", "", "queued")),
        ({"data": {"id": "m"}}, Receipt("m", "", "accepted")),
        ({"data": {"message": {"id": 5, "providerId": None}}}, Receipt("5", "", "accepted")),
        ({"data": {"message": {"id": {"oid": 1}, "status": []}}}, Receipt()),
        ({"data": {"message": {"id": "x" * 512}}}, Receipt("x" * 512)),
        ({"data": {"message": {"id": "x" * 9999}}}, Receipt(identity("x" * 9999))),
        ({"accepted": True}, Receipt()),
        ([], Receipt()),
        (None, Receipt()),
        ("text", Receipt()),
    ],
)
def test_a_receipt_is_found_in_every_form(payload: object, expected: Receipt) -> None:
    assert receipt(payload) == expected


@pytest.mark.parametrize(
    "payload", [{"data": [{"id": "1"}]}, {"webhooks": [{"id": "1"}]}, {"hooks": [{"id": "1"}]}, [{"id": "1"}, 2, None]]
)
def test_a_list_is_found_in_every_envelope(payload: object) -> None:
    assert listed(payload, "webhooks", "hooks") == [{"id": "1"}]


@pytest.mark.parametrize("payload", [None, {}, {"data": None}, {"data": {"id": "1"}}, {"data": "text"}, 5])
def test_what_is_no_list_is_an_empty_one(payload: object) -> None:
    assert listed(payload, "webhooks") == []
    assert found_list(payload, "webhooks") is None


def test_an_empty_list_is_a_list_and_one_may_stand_in_two_envelopes() -> None:
    assert found_list({"messages": []}, "messages") == []
    assert found_list({"data": {"messages": [{"id": "1"}]}}, "messages") == [{"id": "1"}]
