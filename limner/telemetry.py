"""What operators see: a JSON log line a generation, and metrics for Prometheus. Never secrets, prompts or pictures."""

from __future__ import annotations

import asyncio
import logging
import sys
from functools import partial
from typing import Any, BinaryIO

import msgspec
import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_BUCKETS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600)


def configure_logs(level: str) -> None:
    """Send log lines as JSON to standard error from `level` (debug, info, warning, error) upwards."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_serialise),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=partial(_Lines, sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )


class _Lines:
    """Writes log lines; those of one turn of the event loop together at its end.

    A write lets go of the interpreter's lock, and a busy loop has to fight the writer thread for it after every line.
    """

    def __init__(self, stream: BinaryIO, *_: Any) -> None:
        self._stream = stream
        self._lines: list[bytes] = []

    def write(self, line: bytes) -> None:
        """Take a line; without a loop it is written at once."""
        self._lines.append(line)
        if len(self._lines) > 1:
            return
        try:
            asyncio.get_running_loop().call_soon(self._flush)
        except RuntimeError:
            self._flush()

    debug = info = warning = error = critical = write

    def _flush(self) -> None:
        lines, self._lines = self._lines, []
        self._stream.write(b"\n".join([*lines, b""]))
        self._stream.flush()


def _serialise(event: dict[str, Any], **_: Any) -> bytes:
    return msgspec.json.encode(event, enc_hook=repr)


class Telemetry:
    """The metrics of one process, in a registry of their own, and the logger."""

    def __init__(self) -> None:
        """Register every metric."""
        self._registry = registry = CollectorRegistry()
        self.log = structlog.get_logger("limner")
        self._requests = Counter(
            "limner_http_requests", "Answers by route and status.", ["route", "status"], registry=registry
        )
        self._generations = Counter(
            "limner_generations", "Tasks that came to an end.", ["model", "outcome"], registry=registry
        )
        self._seconds = Histogram(
            "limner_generation_seconds", "From accepted to finished.", ["model"], registry=registry, buckets=_BUCKETS
        )
        self._credits = Counter("limner_micro_credits", "What was charged.", ["model"], registry=registry)
        self._pictures = Counter("limner_pictures", "Pictures made.", ["model"], registry=registry)
        self._running = Gauge("limner_generations_running", "Tasks on their way in this process.", registry=registry)
        self._labelled: dict[tuple[Any, ...], Any] = {}

    def _child(self, metric: Any, *labels: str) -> Any:
        """Find a metric's series; looking it up in the library every time costs several times the counting."""
        key = (metric, *labels)
        child = self._labelled.get(key)
        if child is None:
            child = self._labelled[key] = metric.labels(*labels)
        return child

    def answered(self, route: str, status: int) -> None:
        """Count an HTTP answer; `route` is a pattern, never a raw path."""
        self._child(self._requests, route, str(status)).inc()

    def begun(self) -> None:
        """Count a generation in."""
        self._running.inc()

    def finished(self, model: str, outcome: str, seconds: float, *, pictures: int, cost: int, **more: Any) -> None:
        """Count a generation out and write its log line."""
        self._running.dec()
        self._child(self._generations, model, outcome).inc()
        self._child(self._seconds, model).observe(seconds)
        self._child(self._pictures, model).inc(pictures)
        self._child(self._credits, model).inc(cost)
        self.log.info(
            "generation", model=model, outcome=outcome, seconds=round(seconds, 4), pictures=pictures, cost=cost, **more
        )

    def exposition(self) -> bytes:
        """Write all metrics in Prometheus's text format."""
        return generate_latest(self._registry)
