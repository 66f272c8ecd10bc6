"""One-time codes: the vectors of RFC 4226 and RFC 6238, once each, and near the present only."""

from __future__ import annotations

import base64

import pytest

from web.totp import code_at, new_secret, step_of, uri

#: The secret of both RFCs' vectors.
SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("counter", "code"),
    list(
        enumerate("755224 287082 359152 969429 338314 254676 287922 162583 399871 520489".split())
    ),
)
def test_the_vectors_of_rfc_4226(counter: int, code: str) -> None:
    assert code_at(SECRET, counter) == code


@pytest.mark.parametrize(
    ("at_s", "code"),
    [
        (59, "94287082"),
        (1_111_111_109, "07081804"),
        (1_111_111_111, "14050471"),
        (1_234_567_890, "89005924"),
        (2_000_000_000, "69279037"),
        (20_000_000_000, "65353130"),
    ],
)
def test_the_vectors_of_rfc_6238(at_s: int, code: str) -> None:
    assert code_at(SECRET, at_s // 30, digits=8) == code
    assert step_of(SECRET, code[2:], at_s, 0) == at_s // 30


@pytest.mark.parametrize(("off_s", "taken"), [(-61, False), (-30, True), (30, True), (61, False)])
def test_a_clock_may_be_off_by_one_step(off_s: int, taken: bool) -> None:
    now_s = 3_000 * 30
    code = code_at(SECRET, (now_s + off_s) // 30)
    assert (step_of(SECRET, code, now_s, 0) is not None) is taken


def test_a_code_is_good_once() -> None:
    now_s = 3_000 * 30
    code = code_at(SECRET, 3_000)
    step = step_of(SECRET, code, now_s, 0)
    assert step == 3_000
    assert step_of(SECRET, code, now_s, step) is None
    assert step_of(SECRET, code_at(SECRET, 2_999), now_s, step) is None
    assert step_of(SECRET, code_at(SECRET, 3_001), now_s, step) == 3_001


@pytest.mark.parametrize("code", ["", "000000", "75522", "7552244", "٧٥٥٢٢٤", "755 224"])
def test_anything_else_is_wrong(code: str) -> None:
    assert step_of(SECRET, code, 3_000 * 30, 0) is None


def test_secrets_are_long_and_fit_into_an_address() -> None:
    secret = new_secret()
    assert len(base64.b32decode(secret)) == 20
    assert secret != new_secret()
    assert uri(secret, "ada@city") == (
        f"otpauth://totp/madoguchi%3Aada%40city?secret={secret}&issuer=madoguchi"
    )
