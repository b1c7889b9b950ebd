"""Moderation: judging prompts before they are painted and pictures before they are stored, by `policies`.

What a policy refuses is `ModerationBlocked`: not charged, not tried elsewhere, kept in the audit log.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from limner import policies, xmp
from limner.errors import ModerationBlocked, UpstreamError
from limner.lines import Line
from limner.outbound import Unreachable
from limner.policies import Blocklist, Endpoint, Hook, Seen, Words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from structlog.typing import FilteringBoundLogger

T = TypeVar("T")
MOST = 1 << 20
"""The largest answer that is read, bytes."""

_REASON = 200
"""How much of a hook's reason is told, characters."""


class _Result(msgspec.Struct):
    flagged: bool
    categories: dict[str, bool | None] = {}
    category_scores: dict[str, float | None] = {}


class _Results(msgspec.Struct):
    results: Annotated[list[_Result], Meta(min_length=1)]


class _Verdict(msgspec.Struct):
    allow: bool
    reason: str = ""


_results, _verdicts = msgspec.json.Decoder(_Results), msgspec.json.Decoder(_Verdict)


class _Unjudged(Exception):  # noqa: N818 - it says what is so
    """A policy's server gave no verdict; the text is a word or two for the log."""


class Moderation:
    """Judges for all models; built once in `bootstrap`."""

    def __init__(self, tables: Mapping[str, Any], log: FilteringBoundLogger) -> None:
        """`tables` are the catalogue's below `moderation`, by their names.

        Raises `ValueError` naming a table whose list cannot be read or whose key is not in the environment.
        """
        self._log = log
        self._lists: dict[str, Blocklist] = {}
        self._readers: dict[str, _Judge] = {}
        self._seers: dict[str, _Judge] = {}
        for name, policy in policies.read(tables).items():
            try:
                if isinstance(policy, Words):
                    self._lists[name] = Blocklist.of(policy)
                elif isinstance(policy, Hook):
                    self._seers[name] = _OwnServer(policy)
                else:
                    judges = self._seers if isinstance(policy, Seen) else self._readers
                    judges[name] = _Moderations(policy)
            except ValueError as error:
                raise ValueError(f"[moderation.{name}]: {error}") from error

    async def judge_prompt(self, names: tuple[str, ...], prompt: str) -> None:
        """Raise `ModerationBlocked` where one of these policies refuses the prompt, `UpstreamError` for no verdict."""
        for name in names:
            if name in self._lists and self._lists[name].has(prompt):
                raise _refusal("prompt", name)
            if name in self._readers:
                await self._judged("prompt", name, self._readers[name], prompt.encode(), "text/plain")

    async def judge_picture(self, names: tuple[str, ...], data: bytes, content_type: str) -> None:
        """Raise `ModerationBlocked` where one of these policies refuses the picture, `UpstreamError` for no verdict."""
        for name in names:
            if name in self._seers:
                await self._judged("picture", name, self._seers[name], data, content_type)

    def sees(self, names: tuple[str, ...]) -> bool:
        """Whether one of these policies judges pictures, so that none may be seen before it is done."""
        return any(name in self._seers for name in names)

    async def _judged(self, what: str, name: str, judge: _Judge, data: bytes, content_type: str) -> None:
        try:
            reason = await judge.ask(data, content_type)
        except (Unreachable, _Unjudged) as error:
            told = error.reason if isinstance(error, Unreachable) else str(error)
            self._log.warning("moderation_failed", policy=name, reason=told, on_failure=judge.asked.on_failure)
            if judge.asked.on_failure == "allow":
                return
            raise UpstreamError(
                f"The policy {name!r} could not be asked about the {what}, so it was refused. The call was not "
                "charged; try again later."
            ) from error
        if reason is not None:
            raise _refusal(what, name, reason)

    async def check(self) -> str:
        """Have every policy judge something harmless and give their names, if there are any.

        Raises `ValueError` for one that fails.
        """
        tried = [(name, judge, b"a red apple", "text/plain") for name, judge in self._readers.items()]
        tried += [(name, judge, xmp.blank_png(), "image/png") for name, judge in self._seers.items()]
        for name, judge, data, content_type in tried:
            try:
                await judge.ask(data, content_type)
            except (Unreachable, _Unjudged) as error:
                raise ValueError(f"the policy {name!r} gives no verdict: {error}") from error
        return ", ".join([*self._lists, *self._readers, *self._seers])

    async def close(self) -> None:
        """Let go of all connections."""
        for judge in (*self._readers.values(), *self._seers.values()):
            await judge.line.close()


def _refusal(what: str, policy: str, reason: str = "") -> ModerationBlocked:
    """Say which policy refused, never for which of its words; a hook's reason is its own to tell."""
    told = f" {reason}" if reason else ""
    message = f"The {what} was refused by the policy {policy!r}.{told} It was not charged."
    return ModerationBlocked(message, policy=policy, param="prompt" if what == "prompt" else None)


class _Judge:
    """A server that judges, and the line to it."""

    def __init__(self, asked: policies.Asked) -> None:
        """Make the line; raises `ValueError` where its key is not in the environment."""
        key = policies.key_of(asked)
        self.asked = asked
        self.line = Line(asked.url, headers={"Authorization": f"Bearer {key}"} if key else {})

    async def ask(self, data: bytes, content_type: str) -> str | None:
        """Give why it refuses, which may be an empty text; None where it allows. Raises `Unreachable`, `_Unjudged`."""
        raise NotImplementedError

    async def answer(self, path: str, body: bytes, content_type: str) -> bytes:
        """Give the body of its answer; raises `Unreachable`, or `_Unjudged` for another status than 200."""
        headers, seconds = {"Content-Type": content_type}, self.asked.timeout
        answer = await self.line.ask("POST", path, body=body, headers=headers, seconds=seconds, most=MOST)
        if answer.status != 200:
            raise _Unjudged(f"status {answer.status}")
        return answer.body


class _OwnServer(_Judge):
    """A server of the operator's own, sent the bytes of a picture."""

    async def ask(self, data: bytes, content_type: str) -> str | None:
        """Give the server's reason where it refuses."""
        verdict = _decoded(_verdicts, await self.answer("", data, content_type))
        return None if verdict.allow else " ".join(verdict.reason.split())[:_REASON]


class _Moderations(_Judge):
    """A moderation endpoint in OpenAI's dialect (`POST /moderations`), for texts and for pictures as data URLs."""

    def __init__(self, policy: Endpoint) -> None:
        """Make the line; raises `ValueError` where its key is not in the environment."""
        super().__init__(policy)
        self._policy = policy

    async def ask(self, data: bytes, content_type: str) -> str | None:
        """Give an empty text where it refuses."""
        question: dict[str, Any] = {"input": _shown(data, content_type)}
        if self._policy.model:
            question["model"] = self._policy.model
        body = await self.answer("/moderations", msgspec.json.encode(question), "application/json")
        results = _decoded(_results, body).results
        return "" if any(_refuses(self._policy, result) for result in results) else None


def _shown(data: bytes, content_type: str) -> Any:
    if content_type == "text/plain":
        return data.decode()
    url = f"data:{content_type};base64,{base64.b64encode(data).decode()}"
    return [{"type": "image_url", "image_url": {"url": url}}]


def _decoded(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise _Unjudged("no verdict") from None


def _refuses(policy: Endpoint, result: _Result) -> bool:
    """Weigh one result; raises `_Unjudged` where it does not speak of what counts."""
    if policy.threshold is None and not policy.categories:
        return result.flagged
    given = result.categories if policy.threshold is None else result.category_scores
    counted = policy.categories or tuple(given)
    if not counted or set(counted) - given.keys():
        raise _Unjudged("categories missing")
    least = 1 if policy.threshold is None else policy.threshold
    return any((given[name] or 0) >= least for name in counted)
