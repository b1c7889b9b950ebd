"""The guide: docs for who begins, a chapter a page. What is said of limits, prices and errors comes from the server."""

from __future__ import annotations

import json
import re
from html import unescape
from itertools import groupby
from typing import TYPE_CHECKING, Any

import msgspec

from limner import tasks
from limner.catalog import QUALITIES
from limner.console import content, html, plates, samples, wording
from limner.errors import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Literal

    from limner.bootstrap import Services
    from limner.catalog import Model
    from limner.errors import LimnerError


class Chapter(msgspec.Struct, frozen=True):
    """One page; `slug` is the end of its path and its template's name, `group` its heading in the contents."""

    slug: str
    title: str
    group: str
    lead: str

    @property
    def path(self) -> str:
        """Where it is."""
        return "/docs/guide" if self.slug == "start" else f"/docs/guide/{self.slug}"


CHAPTERS: tuple[Chapter, ...] = (
    Chapter("start", "Start here", "Begin", "From nothing to your first picture in three steps."),
    Chapter("basics", "Basic usage", "Begin", "What you send, what comes back, and how to keep the picture."),
    Chapter("parameters", "Every parameter", "Begin", "Each one shown by pictures that this server has drawn."),
    Chapter("edits", "Edits and variations", "In earnest", "Give a picture, and say what shall be different."),
    Chapter("streaming", "Streaming", "In earnest", "See the picture while it is being drawn."),
    Chapter("callbacks", "Answers later", "In earnest", "Do not wait for a picture: be called when it is there."),
    Chapter("tasks", "Tasks", "In earnest", "Every call is kept. Ask for it, watch it, or end it."),
    Chapter("errors", "Errors", "In earnest", "How to read one, and which are worth another try."),
    Chapter("retries", "Safe to repeat", "In earnest", "Send a call twice and pay for one picture."),
    Chapter("prices", "Quotas and prices", "In earnest", "What a call costs, what you have left, how much at once."),
    Chapter("curl", "curl", "In your tools", "Nothing to install: one command makes a picture."),
    Chapter("python", "Python", "In your tools", "The official client, pointed at this server."),
    Chapter("javascript", "JavaScript", "In your tools", "The official client, or fetch and nothing else."),
    Chapter("langchain", "LangChain", "In your tools", "Its image wrapper takes a base URL and a key."),
    Chapter("open-webui", "Open WebUI", "In your tools", "Pictures in the chat, by four settings."),
    Chapter("openai-pro-cli", "openai-pro-cli", "In your tools", "The command line of Ace Data Cloud, unmodified."),
    Chapter("hosting", "Your own server", "Run it", "A few settings take it from a laptop to a team."),
    Chapter("models", "Your own models", "Run it", "One table says who draws: a service, or a model on this machine."),
)
"""Every chapter in the order in which it is read."""

BY_SLUG: dict[str, Chapter] = {chapter.slug: chapter for chapter in CHAPTERS}

ANSWER: dict[str, Any] = {
    "created": wording.FINISHED,
    "data": [{"url": wording.VALUES["url"], "revised_prompt": "A green dragon in a meadow."}],
    "output_format": "png",
    "success": True,
    "task_id": wording.TASK_ID,
    "trace_id": wording.TRACE_ID,
}
"""What a call answers; the tests hold it against what the server really says."""

ACCEPTED: dict[str, Any] = {name: ANSWER[name] for name in ("success", "task_id", "trace_id")}
CALLBACK: dict[str, Any] = ACCEPTED | {"data": {name: ANSWER[name] for name in ("created", "data")}}
RECORD: dict[str, Any] = wording.ANSWERS["/v1/tasks/{id}"] | {
    "request": {"model": "dall-e-3", "prompt": "a green dragon", "n": 1, "size": "256x256", "seed": 1179346152},
    "response": {name: ANSWER[name] for name in ("created", "data", "output_format", "success")},
    "callbacks": [],
}
ASKED: dict[str, Any] = {name: RECORD[name] for name in wording.ANSWERS["/openai/tasks"]}
FAILED: dict[str, Any] = ACCEPTED | {
    "success": False,
    "error": {"code": "timeout", "message": "The picture took longer than allowed. The call was not charged."},
}


class PriceList(msgspec.Struct, frozen=True):
    """What one picture costs with some models: rows of quality, most pixels and price in micro-credits."""

    models: list[str]
    rows: list[tuple[str, int, int]]

    @property
    def free(self) -> bool:
        """Whether nothing is to be paid, whatever is asked for."""
        return not any(price for _, _, price in self.rows)


def write(services: Services, slug: str) -> str:
    """Write a chapter; raises `KeyError` for one there is not."""
    chapter = BY_SLUG[slug]
    place = CHAPTERS.index(chapter)
    return html.render(
        "guide.html",
        **facts(services),
        chapter=chapter,
        groups=[(name, list(some)) for name, some in groupby(CHAPTERS, lambda one: one.group)],
        before=CHAPTERS[place - 1] if place else None,
        after=CHAPTERS[place + 1] if place + 1 < len(CHAPTERS) else None,
    )


def facts(services: Services) -> dict[str, Any]:
    """Gather what the chapters say of this server."""
    catalogue, settings = services.catalogue, services.settings
    default = catalogue.models[catalogue.default]
    width, height = map(int, default.capabilities.default_size.split("x"))
    price = default.price("standard", width, height)
    return content.said(services) | {
        "root": services.public_url,
        "settings": settings,
        "default": default,
        "can": default.capabilities,
        "price": price,
        "bought": settings.free_credits // price if price else 0,
        "samples": samples.begin(f"{services.public_url}/v1"),
        "prices": list(prices(catalogue.models.values())),
        "errors": list(CATALOGUE.values()),
        "advice": advice,
        "schedule": [float(pause) for pause in settings.callback_schedule.split(",")],
        "key_life": tasks.KEY_LIFE // 1_000_000,
        "plate": plates.shown,
        "plates": plates.PLATES,
        "sections": sections,
        "answer": _local(ANSWER, services),
        "accepted": ACCEPTED,
        "callback": _local(CALLBACK, services),
        "failed": FAILED,
        "record": _local(RECORD, services),
        "asked": _local(ASKED, services),
        "secret": wording.ANSWERS["/v1/callbacks/secret"],
        "tried": wording.ANSWERS["/v1/callbacks/test"],
        "failure": wording.FAILURE,
    }


def prices(models: Iterable[Model]) -> Iterator[PriceList]:
    """Give the price lists; models that cost the same share one."""
    alike: dict[str, list[Model]] = {}
    for model in models:
        alike.setdefault(json.dumps(model.prices), []).append(model)
    for some in alike.values():
        rows = [(_called(name), *band) for name, bands in some[0].prices.items() for band in bands]
        yield PriceList([model.id for model in some], rows)


def _called(quality: str) -> str:
    """Name a quality of the engines as clients call it."""
    return ", ".join(name for name, engine in QUALITIES.items() if engine == quality)


def advice(error: type[LimnerError]) -> Literal["wait", "again", "mend"]:
    """Say what to do about an error: wait as long as it says, try again, or mend the request first."""
    return {"rate_limit_error": "wait", "server_error": "again"}.get(error.type, "mend")  # type: ignore[return-value]


def sections(page: str) -> list[tuple[str, str]]:
    """Find a chapter's sections by its headings: id and title."""
    return [(place, unescape(title)) for place, title in re.findall(r'<h2 id="([^"]+)">([^<]+)</h2>', page)]


def _local(example: dict[str, Any], services: Services) -> dict[str, Any]:
    """Put this server's address into an example."""
    text = json.dumps(example, ensure_ascii=False).replace(wording.BASE, services.public_url)
    found: dict[str, Any] = json.loads(text)
    return found
