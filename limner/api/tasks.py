"""Asking after tasks: REST under `/v1/tasks`, and Ace's `POST /openai/tasks`. Asking costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import msgspec
from starlette.responses import StreamingResponse

from limner import callbacks, completion, tasks
from limner.api import wire
from limner.api.auth import authenticate
from limner.api.body import convert, read_parameters
from limner.api.context import context_of, services_of
from limner.api.query import choice, integer, moment, plain, text
from limner.api.streaming import KEEP_ALIVE
from limner.dispatch.feed import Progressed
from limner.errors import ApiNotImplemented, BadRequest, NotFound
from limner.tasks import Status, Wanted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response

    from limner.bootstrap import Services
    from limner.callbacks import Delivery
    from limner.catalog import Warned
    from limner.completion import Outcome
    from limner.db import Transaction
    from limner.dispatch.feed import News
    from limner.tasks import Task

MOST = 100
KINDS = ("images", "images_generations", "images_edits", "images_variations")
LONGEST_PAUSE = 30


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What Ace's clients send."""

    action: str | None = None
    id: str | None = None
    trace_id: str | None = None
    ids: list[str] | None = None
    trace_ids: list[str] | None = None
    application_id: str | None = None
    user_id: str | None = None
    created_at_min: float | None = None
    created_at_max: float | None = None
    type: str | None = None
    offset: int | None = None
    limit: int | None = None


class Story(msgspec.Struct, frozen=True):
    """All there is to know of one task."""

    task: Task
    events: list[dict[str, Any]]
    position: int | None
    deliveries: list[Delivery]


async def get_task(request: Request) -> Response:
    """Give one task of the caller's account with its story, and while it is pending when to ask again."""
    context_of(request.scope).route = "/v1/tasks/{id}"
    caller = await authenticate(request.scope, "tasks.read")
    services = services_of(request.scope)
    story = await services.database.read(_story, caller.account_id, plain(request.path_params["id"]))
    return await _told(services, story)


async def _told(services: Services, story: Story) -> Response:
    outcome = await services.generations.outcome(story.task)
    record = wire.record(story.task, outcome, services.assets)
    record |= {
        "events": story.events,
        "queue_position": story.position,
        "callbacks": [wire.delivery(delivery) for delivery in story.deliveries],
    }
    headers = {"cache-control": "no-store"}
    if outcome is None:
        headers["retry-after"] = str(min(LONGEST_PAUSE, 1 + (story.position or 0)))
    return wire.json_response(record, headers=headers)


def _story(tx: Transaction, account_id: str, task_id: str) -> Story:
    task = tasks.find(tx, account_id, task_id)
    return Story(task, tasks.story(tx, task), tasks.position(tx, task), callbacks.of_task(tx, task.id))


async def list_tasks(request: Request) -> Response:
    """Give the account's tasks, newest first, a page at a time."""
    context_of(request.scope).route = "/v1/tasks"
    caller = await authenticate(request.scope, "tasks.read")
    services = services_of(request.scope)
    query, trace_id = request.query_params, text(request, "trace_id")
    wanted = Wanted(
        trace_ids=[trace_id] if trace_id is not None else None,
        status=choice(request, "status", get_args(Status)),
        model=text(request, "model"),
        kind=choice(request, "type", KINDS),
        created_at_min=moment(query.get("created_at_min"), "created_at_min"),
        created_at_max=moment(query.get("created_at_max"), "created_at_max"),
        after=text(request, "after"),
    )
    limit = integer(request, "limit", 20, least=1, most=MOST)
    found = await services.database.read(_page, caller.account_id, wanted, limit + 1)
    data = [wire.record(task, outcome, services.assets) for task, outcome in found[:limit]]
    page = wire.page(data, has_more=len(found) > limit)
    return wire.json_response(page, headers={"cache-control": "no-store"})


async def cancel_task(request: Request) -> Response:
    """End a task before it is done; nothing is charged. One that is cancelled already stays so."""
    context_of(request.scope).route = "/v1/tasks/{id}/cancel"
    caller = await authenticate(request.scope, "images.generate")
    services = services_of(request.scope)
    task_id = plain(request.path_params["id"])
    await services.generations.cancel(caller.account_id, task_id)
    return await _told(services, await services.database.read(_story, caller.account_id, task_id))


async def stream_task(request: Request) -> Response:
    """Tell what happens to a task as server-sent events, until it is over."""
    context_of(request.scope).route = "/v1/tasks/{id}/events"
    caller = await authenticate(request.scope, "tasks.read")
    services = services_of(request.scope)
    task = await services.database.read(tasks.find, caller.account_id, plain(request.path_params["id"]))
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(_events(services, task), headers=headers, media_type="text/event-stream")


async def _events(services: Services, task: Task) -> AsyncIterator[bytes]:
    """Say where the task stands, then what comes; every look at the row may find it over."""
    quiet = services.settings.heartbeat or KEEP_ALIVE
    with services.feed.watch(task.id) as watch:
        told: dict[str, Any] = {"status": None}
        news: News | None = None
        while not watch.closed:
            story = await services.database.read(_story, task.account_id, task.id)
            outcome = await services.generations.outcome(story.task)
            if outcome is not None:
                yield wire.ended(story.task, outcome, services.assets)
                return
            state = {"status": story.task.status, "queue_position": story.position, "attempt": story.task.attempt}
            if state != told:
                yield wire.event("status", {"task_id": task.id} | state)
                told = state
            if isinstance(news, Progressed):
                yield wire.progress(news)
            while isinstance(news := await watch.next(quiet), Progressed) and told["status"] != "queued":
                yield wire.progress(news)
            if news is None and not watch.closed:
                yield wire.COMMENT


async def ask(request: Request) -> Response:
    """Answer Ace's dialect: `retrieve` one record (or an empty object), `retrieve_batch` a page with its count."""
    context_of(request.scope).route = "/openai/tasks"
    caller = await authenticate(request.scope, "tasks.read")
    services = services_of(request.scope)
    given, form = await read_parameters(request.scope, request.receive, services.settings.max_body)
    warnings: list[Warned] = []
    question = convert(given, Question, warnings, text=form)
    if question.action == "retrieve":
        return await _retrieve(services, caller.account_id, question)
    if question.action == "retrieve_batch":
        return await _retrieve_batch(services, caller.account_id, question)
    raise ApiNotImplemented("The actions here are 'retrieve' and 'retrieve_batch'.", param="action")


async def _retrieve(services: Services, account_id: str, question: Question) -> Response:
    if question.id is None and question.trace_id is None:
        raise BadRequest("Name the task by its id or its trace_id.", param="id")
    task = await services.database.read(_asked_for, account_id, question)
    if task is None:
        return wire.json_response({})
    return wire.json_response(wire.record(task, await services.generations.outcome(task), services.assets))


async def _retrieve_batch(services: Services, account_id: str, question: Question) -> Response:
    wanted = _wanted(question)
    limit = _within("limit", 12 if question.limit is None else question.limit, 1, MOST)
    offset = _within("offset", question.offset or 0, 0, 1_000_000)
    if question.user_id not in {None, account_id}:
        return wire.json_response({"items": [], "count": 0})
    found, count = await services.database.read(_batch, account_id, wanted, limit, offset)
    items = [wire.record(task, outcome, services.assets) for task, outcome in found]
    return wire.json_response({"items": items, "count": count})


def _wanted(question: Question) -> Wanted:
    """Turn the filters into what is wanted; of ids and trace ids, trace ids win."""
    asked = (question.ids, question.trace_ids, question.application_id, question.user_id)
    if all(one is None for one in (*asked, question.created_at_min, question.created_at_max)):
        raise BadRequest(
            "Say which tasks: ids, trace_ids, application_id, user_id, or created_at_min and created_at_max.",
            param="ids",
        )
    return Wanted(
        ids=_all_plain(question.ids) if question.trace_ids is None else None,
        trace_ids=_all_plain(question.trace_ids),
        application_id=None if question.application_id is None else plain(question.application_id),
        kind=None if question.type is None else plain(question.type),
        created_at_min=moment(question.created_at_min, "created_at_min"),
        created_at_max=moment(question.created_at_max, "created_at_max"),
    )


def _all_plain(given: list[str] | None) -> list[str] | None:
    return None if given is None else [plain(one) for one in given]


def _within(name: str, given: int, least: int, most: int) -> int:
    if not least <= given <= most:
        raise BadRequest(f"{name} must be a whole number from {least} to {most}.", param=name)
    return given


def _page(tx: Transaction, account_id: str, wanted: Wanted, limit: int) -> list[tuple[Task, Outcome | None]]:
    return completion.outcomes(tx, tasks.listed(tx, account_id, wanted, limit=limit))


def _batch(
    tx: Transaction, account_id: str, wanted: Wanted, limit: int, offset: int
) -> tuple[list[tuple[Task, Outcome | None]], int]:
    found = tasks.listed(tx, account_id, wanted, limit=limit, offset=offset)
    return completion.outcomes(tx, found), tasks.counted(tx, account_id, wanted)


def _asked_for(tx: Transaction, account_id: str, question: Question) -> Task | None:
    """Find the task; a trace id wins over an id."""
    if question.trace_id is not None:
        return tasks.by_trace(tx, account_id, plain(question.trace_id))
    try:
        return tasks.find(tx, account_id, plain(question.id or ""))
    except NotFound:
        return None
