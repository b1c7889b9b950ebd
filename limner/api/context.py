"""What is known of a request while it is answered: its names, its start, and the headers its answer will carry."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, cast

import msgspec

from limner.ids import new_id

if TYPE_CHECKING:
    from starlette.types import Scope

    from limner.bootstrap import Services

MAX_TRACE_ID = 200


class Context(msgspec.Struct):
    """One request: `route` is the pattern that answered it, `headers` what goes out with any answer, errors too."""

    request_id: str
    trace_id: str
    started: float
    route: str = "(none)"
    headers: dict[str, str] = {}

    @classmethod
    def begin(cls, scope: Scope) -> Context:
        """Name a request as it comes in; the client's `x-trace-id` is kept."""
        given = header(scope, b"x-trace-id")
        trace_id = given if given and acceptable_trace_id(given) else new_id()
        return cls(request_id=new_id(), trace_id=trace_id, started=time.perf_counter())

    @property
    def milliseconds(self) -> int:
        """How long the request has been in our hands."""
        return round((time.perf_counter() - self.started) * 1000)


def acceptable_trace_id(given: str) -> bool:
    """Whether a trace id can be kept: printable ASCII, so that it fits in a header, and not endless."""
    return 0 < len(given) <= MAX_TRACE_ID and given.isascii() and given.isprintable()


def context_of(scope: Scope) -> Context:
    """Give the request's context, which `Platform` has put there."""
    return cast("Context", scope["context"])


def services_of(scope: Scope) -> Services:
    """Give the services, which the lifespan has put there."""
    return cast("Services", scope["state"]["services"])


def header(scope: Scope, name: bytes) -> str | None:
    """Give a request header by its lower-case name."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value.decode("latin-1"))
    return None
