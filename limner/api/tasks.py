"""Asking after a task: OpenAI-like `GET /v1/tasks/{id}` and Ace's `POST /openai/tasks`. Asking costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from limner import tasks
from limner.api import wire
from limner.api.auth import authenticate
from limner.api.body import convert, read_parameters
from limner.api.context import context_of, services_of
from limner.errors import ApiNotImplemented, BadRequest, NotFound

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from limner.bootstrap import Services
    from limner.catalog import Warned
    from limner.db import Transaction
    from limner.tasks import Task


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What Ace's clients send."""

    action: str | None = None
    id: str | None = None
    trace_id: str | None = None


async def get_task(request: Request) -> Response:
    """Give one task of the caller's account with its story."""
    context_of(request.scope).route = "/v1/tasks/{id}"
    caller = await authenticate(request.scope, "tasks.read")
    services = services_of(request.scope)
    task, story = await services.database.read(_task_and_story, caller.account_id, request.path_params["id"])
    record = await _record(services, task)
    return wire.json_response(record | {"events": story})


async def ask(request: Request) -> Response:
    """Retrieve a task in Ace's dialect: its record, or an empty object when there is none for this caller."""
    context_of(request.scope).route = "/openai/tasks"
    caller = await authenticate(request.scope, "tasks.read")
    services = services_of(request.scope)
    given, text = await read_parameters(request.scope, request.receive, services.settings.max_body)
    warnings: list[Warned] = []
    question = convert(given, Question, warnings, text=text)
    if question.action != "retrieve":
        raise ApiNotImplemented("The only action here is 'retrieve'.", param="action")
    if question.id is None and question.trace_id is None:
        raise BadRequest("Name the task by its id or its trace_id.", param="id")
    task = await services.database.read(_asked_for, caller.account_id, question)
    return wire.json_response(await _record(services, task) if task else {})


async def _record(services: Services, task: Task) -> dict[str, Any]:
    return wire.record(task, await services.generations.outcome(task), services.assets)


def _task_and_story(tx: Transaction, account_id: str, task_id: str) -> tuple[Task, list[dict[str, Any]]]:
    task = tasks.find(tx, account_id, task_id)
    return task, tasks.story(tx, task)


def _asked_for(tx: Transaction, account_id: str, question: Question) -> Task | None:
    """Find the task; a trace id wins over an id."""
    if question.trace_id is not None:
        return tasks.by_trace(tx, account_id, question.trace_id)
    try:
        return tasks.find(tx, account_id, question.id or "")
    except NotFound:
        return None
