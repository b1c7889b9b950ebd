"""Foreign errors, translated totally: whatever an upstream says or fails to say becomes a `Failed`.

It carries what the client is told, and what routing must know: whether something may have been billed, and whether the
upstream is to blame. A refusal stays a refusal. What is wrong with our key or our table is never the client's fault.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import msgspec

from limner.errors import (
    ApiNotImplemented,
    BadRequest,
    LimnerError,
    ModerationBlocked,
    RequestTooLarge,
    Timeout,
    TooManyRequests,
    UpstreamError,
)
from limner.lines import UNSENT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from limner.outbound import Unreachable

BILLED = {"x-should-retry": "false"}
FREE = "The call was not charged."
UNSURE = f"{FREE} It may have been billed to us, so it is not tried again."
UNTOLD_WAIT = 1.0
_REFUSALS = {"moderation_blocked", "content_policy_violation", "content_filter", "contentfilter", "safety_violation"}
_REFUSED = re.compile(
    r"safety system|content[ _-]?(policy|filter|management|moderation)|responsible ?ai|moderation_blocked|"
    r"safety_violation|violat\w+ .{0,40}(policy|policies|guidelines)",
    re.IGNORECASE,
)
_UNKNOWN = {"unknown_parameter", "unsupported_parameter", "unsupported_value", "api_not_implemented"}
_SPENT = {"insufficient_quota", "billing_hard_limit_reached", "used_up", "billing_not_active"}
_LATE = {408, 499, 504, 522, 524}
LONGEST = 300


class Failed(Exception):  # noqa: N818 - it says what is so
    """A call that gave no picture: what the client is told, and what routing must know.

    `again` is whether another may be asked, `blames` whether it counts against the upstream, `wait` how many seconds
    the upstream wants to be left alone.
    """

    def __init__(
        self,
        error: LimnerError,
        *,
        again: bool = False,
        blames: bool = False,
        wait: float | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(error.message)
        self.error, self.again, self.blames, self.wait, self.status = error, again, blames, wait, status


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What an upstream said in an error, as far as it can be read."""

    message: str = ""
    code: str = ""
    type: str = ""
    param: str | None = None

    @property
    def refuses(self) -> bool:
        """Whether it is a refusal by policy."""
        words = {self.code.lower(), self.type.lower()}
        return bool(words & _REFUSALS) or "image_generation_user_error" in words or bool(_REFUSED.search(self.message))


def said(body: bytes) -> Said:
    """Read an error in any of the shapes that upstreams write: OpenAI's, FastAPI's `detail`, or anything else."""
    try:
        given = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Said()
    return saying(given)


def saying(given: Any) -> Said:
    """Read an error that is parsed already."""
    told = given.get("error", given) if isinstance(given, dict) else given
    if isinstance(told, str):
        return Said(message=told)
    if not isinstance(told, dict):
        return Said()
    if isinstance(told.get("detail"), list) and told["detail"] and isinstance(told["detail"][0], dict):
        first = told["detail"][0]
        place = first.get("loc") or [None]
        return Said(message=_word(first.get("msg")), param=_word(place[-1]) or None)
    inner = told.get("innererror")
    inner = inner.get("code") if isinstance(inner, dict) else None
    code = _word(told.get("code")) or _word(inner)
    message = _word(told.get("message")) or _word(told.get("detail"))
    return Said(message=message, code=code, type=_word(told.get("type")), param=_word(told.get("param")) or None)


def _word(given: Any) -> str:
    return given if isinstance(given, str) else ""


def unreached(problem: Unreachable, upstream: str) -> Failed:
    """Translate that no whole answer came: only where nothing was sent, nothing can have been billed."""
    if problem.reason in UNSENT:
        return Failed(UpstreamError(f"The upstream {upstream!r} cannot be reached. {FREE}"), again=True, blames=True)
    if problem.reason == "timeout":
        return Failed(Timeout(f"The upstream {upstream!r} took too long. {UNSURE}", headers=dict(BILLED)), blames=True)
    return unreadable(upstream, "broke its answer off")


def unreadable(upstream: str, what: str, *, status: int | None = None) -> Failed:
    """Say that an answer came which is no use: it may have been billed."""
    error = UpstreamError(f"The upstream {upstream!r} {what}. {UNSURE}", headers=dict(BILLED))
    return Failed(error, blames=True, status=status)


def answered(
    status: int, headers: Mapping[str, str], told: Said, *, upstream: str, names: Mapping[str, str], now: datetime
) -> Failed:
    """Translate an answer that is an error; `names` are our names of the parameters that were sent, by theirs."""
    if told.refuses and 400 <= status < 500 and status not in {401, 429}:
        return refused(told, upstream, status=status)
    if status == 429 and told.code not in _SPENT:
        return _busy(headers, upstream, now)
    if status in {400, 413, 415, 422}:
        return Failed(_misfit(status, told, upstream, names), status=status)
    if headers.get("x-should-retry") == "false" and status >= 500:
        return unreadable(upstream, "failed", status=status)
    if status in _LATE and headers.get("x-should-retry") != "true":
        error = Timeout(f"The upstream {upstream!r} took too long. {UNSURE}", headers=dict(BILLED))
        return Failed(error, blames=True, status=status)
    what = _OURS.get(status, "failed" if status >= 500 else f"answered with status {status}")
    if told.code in _SPENT:
        what = "has no balance left for this server"
    return Failed(UpstreamError(f"The upstream {upstream!r} {what}. {FREE}"), again=True, blames=True, status=status)


_OURS = {
    401: "does not accept this server's key",
    402: "has no balance left for this server",
    403: "does not let this server in",
    404: "does not know the model or the operation",
}


def refused(told: Said, upstream: str, *, status: int | None = None) -> Failed:
    """Keep a refusal one: it is final, whoever else could be asked."""
    why = f" It said: {told.message[:LONGEST]}" if told.message else ""
    message = f"The request was refused by the policy of {upstream!r}. {FREE}{why}"
    return Failed(ModerationBlocked(message, policy=upstream), status=status)


def in_answer(told: Said, upstream: str) -> Failed:
    """Translate an error that came in an answer of status 200, or in a stream: by then it may have been billed."""
    return refused(told, upstream, status=200) if told.refuses else unreadable(upstream, "failed", status=200)


def _busy(headers: Mapping[str, str], upstream: str, now: datetime) -> Failed:
    wait = waiting(headers, now)
    seconds = UNTOLD_WAIT if wait is None else wait
    return Failed(busy(f"The upstream {upstream!r} is busy.", seconds), again=True, wait=seconds, status=429)


def busy(what: str, seconds: float) -> TooManyRequests:
    """Say that it would go later."""
    whole = max(1, -(-round(seconds * 1000) // 1000))
    headers = {"retry-after": str(whole), "retry-after-ms": str(max(1, round(seconds * 1000)))}
    return TooManyRequests(f"{what} Try again in {whole} s. {FREE}", headers=headers)


def waiting(headers: Mapping[str, str], now: datetime) -> float | None:
    """Read for how many seconds an upstream wants to be left alone (RFC 9110, 10.2.3; `retry-after-ms` is OpenAI's)."""
    for name, unit in (("retry-after-ms", 1000), ("retry-after", 1)):
        given = headers.get(name, "").strip()
        if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", given):
            return float(given) / unit
    try:
        at = parsedate_to_datetime(headers.get("retry-after", ""))
    except ValueError:
        return None
    return max(0.0, ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds())


def _misfit(status: int, told: Said, upstream: str, names: Mapping[str, str]) -> LimnerError:
    """Say what of a request an upstream did not take; where it is nothing the client said, our table is wrong."""
    why = told.message[:LONGEST] or "it did not say why"
    param = names.get((told.param or "").split("[")[0])
    if status == 413:
        return RequestTooLarge(f"The upstream {upstream!r} takes no request of that size. {FREE}", param=param)
    if told.param is not None and param is None:
        return UpstreamError(f"The upstream {upstream!r} does not take what this server asks of it: {why} {FREE}")
    kind = ApiNotImplemented if told.code in _UNKNOWN else BadRequest
    return kind(f"The upstream {upstream!r} did not take the request: {why}", param=param)
