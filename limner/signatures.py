"""Checking a signature of Standard Webhooks 1.0 as a receiver does, while the body is still coming in.

`callbacks.sign` makes what is checked here: HMAC-SHA-256 over `id.timestamp.body`, one signature for each secret.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Verdict = Literal["valid", "invalid", "unsigned"]

TOLERANCE = 300
"""Seconds by which the sender's clock may differ; what is older may be somebody else's copy."""


class Seal:
    """One body's signature: feed the body to it in pieces, then ask for the verdict."""

    def __init__(self, secrets: Sequence[str], headers: Mapping[str, str]) -> None:
        """`secrets` are those that may have signed (`whsec_...`); `headers` are by lower-case name."""
        self._signed = "webhook-signature" in headers
        self._given = [mark.removeprefix("v1,") for mark in headers.get("webhook-signature", "").split()]
        self._timestamp = headers.get("webhook-timestamp", "")
        begin = f"{headers.get('webhook-id', '')}.{self._timestamp}.".encode("latin-1", "replace")
        keys = [base64.b64decode(secret.removeprefix("whsec_")) for secret in secrets]
        self._marks = [hmac.new(key, begin, hashlib.sha256) for key in keys]

    def update(self, part: bytes) -> None:
        """Go on with the next piece of the body."""
        for mark in self._marks:
            mark.update(part)

    def verdict(self, at: int) -> Verdict:
        """Judge the body that came, at the time `at` (Unix seconds); marks are compared in constant time."""
        if not self._signed:
            return "unsigned"
        expected = [base64.b64encode(mark.digest()) for mark in self._marks]
        fits = [hmac.compare_digest(one, given.encode()) for one in expected for given in self._given]
        return "valid" if any(fits) and self._is_fresh(at) else "invalid"

    def _is_fresh(self, at: int) -> bool:
        given = self._timestamp
        return given.isascii() and given.isdigit() and len(given) < 16 and abs(at - int(given)) <= TOLERANCE
