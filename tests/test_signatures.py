"""The receiver's side of Standard Webhooks: what fits, and all that does not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook

from limner.callbacks import secret_of, sign
from limner.signatures import TOLERANCE, Seal

AT = 1_700_000_000
BODY = b'{"success": true}'
OLD, NEW = (secret_of(b"master", "app", serial) for serial in (0, 1))


def judge(headers: dict[str, str], secrets: list[str], body: bytes = BODY, at: int = AT) -> str:
    """Feed a body in pieces of five bytes."""
    seal = Seal(secrets, headers)
    for start in range(0, len(body), 5):
        seal.update(body[start : start + 5])
    return seal.verdict(at)


def test_what_is_signed_is_valid_by_either_secret_of_an_overlap() -> None:
    both = sign([NEW, OLD], "msg_1", AT, BODY)
    assert [judge(both, secrets) for secrets in ([NEW], [OLD], [NEW, OLD], [])] == ["valid"] * 3 + ["invalid"]
    assert judge(sign([OLD], "msg_1", AT, BODY), [NEW]) == "invalid"
    assert judge({}, [NEW]) == "unsigned"


def test_what_the_reference_signs_is_valid() -> None:
    mark = Webhook(NEW).sign("msg_1", datetime.fromtimestamp(AT, UTC), BODY.decode())
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(AT), "webhook-signature": mark}
    assert judge(headers, [NEW]) == "valid"


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "msg_2"},
        {"webhook-timestamp": str(AT + 1)},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "9" * 30},
        {"webhook-timestamp": "\u0664"},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,AAAA v1a,\u00e9"},
    ],
    ids=str,
)
def test_whatever_is_changed_makes_it_invalid(change: dict[str, str]) -> None:
    assert judge(sign([NEW], "msg_1", AT, BODY) | change, [NEW]) == "invalid"
    assert judge(sign([NEW], "msg_1", AT, BODY), [NEW], body=BODY + b" ") == "invalid"


@pytest.mark.parametrize(("late", "verdict"), [(TOLERANCE, "valid"), (-TOLERANCE, "valid"), (TOLERANCE + 1, "invalid")])
def test_what_is_old_is_not_believed(late: int, verdict: str) -> None:
    assert judge(sign([NEW], "msg_1", AT, BODY), [NEW], at=AT + late) == verdict
