"""What operators see: a JSON log line a generation, and metrics for Prometheus. Never secrets, prompts or pictures."""

from __future__ import annotations

import asyncio
import logging
import sys
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec
import structlog
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping

    from prometheus_client.core import Metric

_BUCKETS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600)


def configure_logs(level: str) -> None:
    """Send log lines as JSON to standard error from `level` (debug, info, warning, error) upwards."""
    structlog.configure(
        processors=[
            structlog.processors.format_exc_info,
            _line,
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


def _line(_: Any, method: str, event: MutableMapping[str, Any]) -> bytes:
    """Stamp an event with its level and time and write it as JSON."""
    event["level"], event["timestamp"] = method, datetime.now(UTC)
    return msgspec.json.encode(event, enc_hook=repr)


class _Tally(Collector):
    """A counter or gauge with labels, kept in a dict.

    The library's own take a lock and check their labels at every step, at five times the cost; here everything that
    counts runs in the event loop's thread.
    """

    def __init__(
        self, family: type[CounterMetricFamily | GaugeMetricFamily], name: str, help_: str, *labels: str
    ) -> None:
        self._family, self._name, self._help, self._labels = family, name, help_, labels
        self._values: dict[tuple[str, ...], int] = {}

    def add(self, amount: int, *labels: str) -> None:
        """Count `amount` in the series with these labels."""
        self._values[labels] = self._values.get(labels, 0) + amount

    def collect(self) -> Iterator[Metric]:
        """Give all series to the library."""
        family = self._family(self._name, self._help, labels=self._labels)
        for labels, value in list(self._values.items()):
            family.add_metric(labels, value)
        yield family


class Telemetry:
    """The metrics of one process, in a registry of their own, and the logger."""

    def __init__(self) -> None:
        """Register every metric."""
        self._registry = CollectorRegistry()
        self.log = structlog.get_logger("limner")
        self._requests = self._counter("limner_http_requests", "Answers by route and status.", "route", "status")
        self._generations = self._counter("limner_generations", "Tasks that came to an end.", "model", "outcome")
        self._seconds = Histogram(
            "limner_generation_seconds",
            "From accepted to finished.",
            ["model"],
            registry=self._registry,
            buckets=_BUCKETS,
        )
        self._credits = self._counter("limner_micro_credits", "What was charged.", "model")
        self._pictures = self._counter("limner_pictures", "Pictures made.", "model")
        self._callbacks = self._counter("limner_callback_attempts", "Attempts by what they led to.", "outcome")
        self._running = _Tally(GaugeMetricFamily, "limner_generations_running", "Tasks on their way in this process.")
        self._registry.register(self._running)
        self._running.add(0)

    def _counter(self, name: str, help_: str, *labels: str) -> _Tally:
        counter = _Tally(CounterMetricFamily, name, help_, *labels)
        self._registry.register(counter)
        return counter

    def answered(self, route: str, status: int) -> None:
        """Count an HTTP answer; `route` is a pattern, never a raw path."""
        self._requests.add(1, route, str(status))

    def begun(self) -> None:
        """Count a generation in."""
        self._running.add(1)

    def ended(self) -> None:
        """Count out a generation that this process worked on."""
        self._running.add(-1)

    def delivered(self, outcome: str) -> None:
        """Count an attempt to deliver a callback by what it left the delivery in."""
        self._callbacks.add(1, outcome)

    def finished(self, model: str, outcome: str, seconds: float, *, pictures: int, cost: int, **more: Any) -> None:
        """Count a task's end and write its log line."""
        self._generations.add(1, model, outcome)
        self._seconds.labels(model).observe(seconds)
        self._pictures.add(pictures, model)
        self._credits.add(cost, model)
        self.log.info(
            "generation", model=model, outcome=outcome, seconds=round(seconds, 4), pictures=pictures, cost=cost, **more
        )

    def exposition(self) -> bytes:
        """Write all metrics in Prometheus's text format."""
        return generate_latest(self._registry)
