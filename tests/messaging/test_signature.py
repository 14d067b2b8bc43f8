"""The signature of webhooks, by the published test vector and by everything that comes close to it."""

from __future__ import annotations

import pytest

from botkit.errors import BadSignature
from botkit.messaging.signature import sign, verify

SECRET = "test_secret"
SIGNED_AT = 1791460800
BODY = (
    b'{"type":"message.created","occurredAt":"2026-10-08T12:00:00.000Z","data":{"messageId":"m_1",'
    b'"conversationId":"c_1","direction":"inbound","channel":"whatsapp","requestEventId":"e_1"}}'
)
DIGEST = "628719a83d2842b36c4a442cbf25f52f17dea704a5899aa3656c12e804097020"
HEADER = f"t={SIGNED_AT},v1={DIGEST}"


def check(header: str = HEADER, body: bytes = BODY, secret: str = SECRET, now: float = SIGNED_AT) -> None:
    verify([secret], header, body, now=now, max_age=300)


def test_the_published_vector_is_accepted() -> None:
    check()


def test_signing_gives_the_published_vector() -> None:
    assert sign(SECRET, BODY, SIGNED_AT + 0.9) == HEADER


@pytest.mark.parametrize(
    "header",
    [
        f"t={SIGNED_AT},v1={'0' * 64},v1={DIGEST}",
        f"t={SIGNED_AT},v1={DIGEST},v1={'0' * 64}",
        f"v1={DIGEST},t={SIGNED_AT}",
        f" t={SIGNED_AT} , v1={DIGEST} ",
        f"t={SIGNED_AT},v0=older,v2=newer,v1={DIGEST},,alone",
    ],
)
def test_the_right_signature_is_found_among_several_in_any_order(header: str) -> None:
    check(header)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "nonsense",
        DIGEST,
        f"v1={DIGEST}",
        f"t={SIGNED_AT}",
        f"t=,v1={DIGEST}",
        f"t=-{SIGNED_AT},v1={DIGEST}",
        f"t={SIGNED_AT}.0,v1={DIGEST}",
        f"t={SIGNED_AT}²,v1={DIGEST}",
        f"t=yesterday,v1={DIGEST}",
        f"T={SIGNED_AT},V1={DIGEST}",
    ],
)
def test_a_malformed_header_is_refused_with_what_was_expected(header: str) -> None:
    with pytest.raises(BadSignature, match="missing or malformed; expected t=…,v1=…"):
        check(header)


@pytest.mark.parametrize(
    "signature",
    ["", "0" * 64, DIGEST[:-1], DIGEST + "0", "é" * 64, "\udcff" * 64, "\0"],
    ids=["empty", "other", "cut", "longer", "not ASCII", "not UTF-8", "NUL"],
)
def test_a_signature_that_does_not_fit_is_refused(signature: str) -> None:
    with pytest.raises(BadSignature, match="does not fit the body"):
        check(f"t={SIGNED_AT},v1={signature}")


def test_one_changed_byte_of_the_body_is_noticed() -> None:
    with pytest.raises(BadSignature, match="does not fit"):
        check(body=BODY.replace(b"m_1", b"m_2"))


def test_the_raw_bytes_are_signed_and_not_their_meaning() -> None:
    with pytest.raises(BadSignature, match="does not fit"):
        check(body=BODY.replace(b'":"', b'": "'))


def test_another_secret_is_noticed() -> None:
    with pytest.raises(BadSignature, match="does not fit"):
        check(secret="Test_secret")


def test_a_changed_time_is_noticed() -> None:
    with pytest.raises(BadSignature, match="does not fit"):
        check(f"t={SIGNED_AT + 1},v1={DIGEST}")


@pytest.mark.parametrize("off", [-300, -1, 0, 1, 300])
def test_a_signature_may_be_five_minutes_old_or_ahead(off: float) -> None:
    check(now=SIGNED_AT + off)


@pytest.mark.parametrize("off", [-301, 301, 86400])
def test_beyond_that_it_is_refused_though_it_fits(off: float) -> None:
    with pytest.raises(BadSignature, match=f"is {abs(off)} seconds off; at most 300"):
        check(now=SIGNED_AT + off)


def test_a_time_in_milliseconds_is_understood() -> None:
    header = sign(SECRET, BODY, SIGNED_AT * 1000)
    check(header, now=SIGNED_AT + 299)
    with pytest.raises(BadSignature, match="301 seconds off"):
        check(header, now=SIGNED_AT + 301)


def test_an_endless_time_is_refused() -> None:
    with pytest.raises(BadSignature, match="seconds off"):
        check(sign(SECRET, BODY, 10**300))


def test_secret_and_body_may_hold_any_text_and_bytes() -> None:
    check(sign("clé 🔑", b"\xff\x00", SIGNED_AT), body=b"\xff\x00", secret="clé 🔑")
