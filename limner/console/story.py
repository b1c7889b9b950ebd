"""One task: its pictures, its story, exactly what was asked and answered, and what it cost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec
from starlette.responses import JSONResponse
from starlette.responses import Response as PlainResponse

from limner import callbacks, completion, credentials, tasks
from limner.assets import EXTENSIONS
from limner.console.frame import page
from limner.console.tasks import prompt_of
from limner.errors import Conflict, NotFound
from limner.ids import SECOND, now

if TYPE_CHECKING:
    from starlette.responses import Response

    from limner.assets import Asset
    from limner.callbacks import Delivery
    from limner.completion import Outcome, Report
    from limner.console.frame import Visit
    from limner.db import Transaction
    from limner.tasks import Task

PLAYGROUND = "/apis/images-generations"
EDITS = "/apis/images-edits"
SHOWN_INPUTS = ("image/png", "image/jpeg", "image/webp")
PARAMETERS = (
    "model",
    "prompt",
    "n",
    "size",
    "quality",
    "style",
    "response_format",
    "output_format",
    "output_compression",
    "background",
    "seed",
    "input_fidelity",
    "callback_url",
)
LONGEST_LINK = 6_000
"""Characters of a link that every browser and proxy takes; a prompt beyond it is left out."""

SAID = {
    "created": "Accepted",
    "begun": "Begun",
    "completed": "Completed",
    "failed": "Failed",
    "cancelled": "Cancelled",
    "interrupted": "Cut off: the process that worked on it died",
    "handed_back": "Handed back: the process that worked on it stopped",
}


class Whole(msgspec.Struct, frozen=True):
    """All that is known of a task; `position` is how many go before it while it waits.

    `again` is the id of a credential that may run it once more: its own, or another that can draw.
    """

    task: Task
    outcome: Outcome | None
    events: list[dict[str, Any]]
    position: int | None
    deliveries: list[Delivery]
    credential: str | None
    report: Report
    again: str | None


async def show_task(visit: Visit) -> Response:
    """Show one task of the account."""
    whole = await visit.services.database.read(_whole, visit.user.account_id, _asked(visit))
    task, outcome = whole.task, whole.outcome
    request = msgspec.json.decode(task.request)
    edits = any(model.capabilities.edits for model in visit.services.catalogue.models.values())
    return visit.render(
        "task.html",
        page="tasks",
        task=task,
        prompt=prompt_of(task),
        request=request,
        error=outcome.error if outcome else None,
        pictures=[_picture(visit, asset) for asset in outcome.assets] if outcome else [],
        standing=standing(task, whole.position),
        seconds=(task.finished_at - (task.started_at or task.created_at)) / SECOND if task.finished_at else None,
        events=_told(whole.events),
        deliveries=whole.deliveries,
        credential=whole.credential,
        written=json.dumps(_without_places(request), indent=2, ensure_ascii=False),
        answered=_answered(visit, whole),
        playground=playground(request),
        edits=EDITS if edits else None,
        again=whole.again if task.model in visit.services.catalogue.models else None,
        report=whole.report,
        given=_given(request),
    )


def _whole(tx: Transaction, account_id: str, task_id: str) -> Whole:
    task = _find(tx, account_id, task_id)
    ((_, outcome),) = completion.outcomes(tx, [task])
    return Whole(
        task,
        outcome,
        tasks.story(tx, task),
        tasks.position(tx, task),
        callbacks.of_task(tx, task.id),
        credentials.name_of(tx, account_id, task.credential_id),
        completion.report(task),
        _drawing(tx, account_id, task.credential_id),
    )


def _drawing(tx: Transaction, account_id: str, first: str) -> str | None:
    at = now()
    able = [
        one.id
        for one in credentials.of_account(tx, account_id)
        if one.state(at) in {"active", "until rotated out"} and "images.generate" in one.scopes.split()
    ]
    return first if first in able else able[-1] if able else None


def _find(tx: Transaction, account_id: str, task_id: str) -> Task:
    try:
        return tasks.find(tx, account_id, task_id)
    except NotFound:
        raise NotFound("Your account has no such task.") from None


def _asked(visit: Visit) -> str:
    """Read the id in the path; PostgreSQL's texts hold no NUL."""
    return str(visit.request.path_params["id"]).replace("\0", "\N{REPLACEMENT CHARACTER}")


def _picture(visit: Visit, asset: Asset) -> dict[str, Any]:
    """Put together what is shown of a picture; one that is past its time has no link that would work."""
    gone, store = asset.deleted_at is not None or asset.expires_at <= now(), visit.services.assets
    return {"asset": asset, "link": None if gone else store.link(asset), "receipt": store.receipt_link(asset)}


def _given(request: dict[str, Any]) -> list[dict[str, Any]]:
    """Tell of the pictures that came with a request: their place, by which they are shown, pixels and type."""
    shown = [{"place": place, **one} for place, one in enumerate(request.get("images") or [])]
    mask = request.get("mask")
    return [*shown, {"place": "mask", "content_type": "image/png"}] if mask else shown


def _without_places(request: dict[str, Any]) -> dict[str, Any]:
    """Give a request without the places in the store where its pictures lie, which mean nothing to anybody else."""
    shown = [{name: value for name, value in one.items() if name != "name"} for one in request.get("images") or []]
    return request | ({"images": shown} if shown else {}) | ({"mask": True} if request.get("mask") else {})


def standing(task: Task, position: int | None) -> str:
    """Say where a task stands."""
    if task.status == "in_progress":
        return "It is being drawn."
    if task.status != "queued":
        return f"It is over: it has {task.status}." if task.status == "failed" else f"It is over: it is {task.status}."
    if not position:
        return "It is the next to be drawn."
    return f"It waits; {position} {'task goes' if position == 1 else 'tasks go'} before it."


def _told(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Write the story for people: what happened, when, and how long after what was before."""
    told, before = [], events[0]["at"]
    for event in events:
        detail, kind = event.get("detail") or {}, event["kind"]
        number = detail.get("attempt", 1)
        told.append(
            {
                "kind": kind,
                "said": _asked_of(detail)
                if kind == "called"
                else SAID.get(kind, kind) + (f", attempt {number}" if number > 1 else ""),
                "at": round(event["at"] * SECOND),
                "later": event["at"] - before,
                "detail": detail.get("detail" if kind == "called" else "message"),
            }
        )
        before = event["at"]
    return told


def _asked_of(call: dict[str, Any]) -> str:
    """Tell of a call to an upstream: whom, what came of it, how long it took."""
    status = f" {call['status']}" if call.get("status") else ""
    return f"Asked {call['upstream']}: {call['outcome']}{status}, {call['milliseconds']:,} ms"


def _answered(visit: Visit, whole: Whole) -> str | None:
    """Write the answer as the API gives it; a picture that is gone has no link any more."""
    if whole.outcome is None:
        return None
    error = whole.outcome.error
    if error is not None:
        said = {"code": error.code, "message": error.message, "type": error.type, "param": error.param}
        return json.dumps({"success": False, "error": said}, indent=2, ensure_ascii=False)
    shown = [_picture(visit, asset) for asset in whole.outcome.assets]
    answer = {
        "created": (whole.task.finished_at or 0) // SECOND,
        "data": [{"url": one["link"], "revised_prompt": one["asset"].revised_prompt} for one in shown],
        "output_format": msgspec.json.decode(whole.task.request)["output_format"],
        "success": True,
        "task_id": whole.task.id,
        "trace_id": whole.task.trace_id,
    }
    if whole.report.warnings:
        answer["warnings"] = msgspec.to_builtins(whole.report.warnings)
    return json.dumps(answer, indent=2, ensure_ascii=False)


def playground(request: dict[str, Any]) -> str:
    """Give the playground's address with all that a request says; of the pictures given, those that we made."""
    given = {name: request[name] for name in PARAMETERS if request.get(name) is not None}
    operation, page = request.get("operation", "generate"), PLAYGROUND
    if operation != "generate":
        page = EDITS
        given["file"] = [_file(one) for one in request.get("images") or [] if one.get("asset")]
    if operation == "vary":
        given = {"operation": "vary"} | {name: value for name, value in given.items() if name != "prompt"}
    link = f"{page}?{urlencode(given, doseq=True)}"
    if len(link) > LONGEST_LINK:
        del given["prompt"]
        link = f"{page}?{urlencode(given, doseq=True)}"
    return link


def _file(one: dict[str, Any]) -> str:
    """Name the file of a picture of ours that was given."""
    return f"{one['asset']}.{EXTENSIONS[one['content_type']]}"


async def show_input(visit: Visit) -> Response:
    """Give a picture that came with a task, while it is kept: by its place, or the mask."""
    task = await visit.services.database.read(_find, visit.user.account_id, _asked(visit))
    request, place = msgspec.json.decode(task.request), str(visit.request.path_params["place"])
    name, kind = request.get("mask"), "image/png"
    if place != "mask":
        given = request.get("images") or []
        if not place.isdecimal() or not place.isascii() or int(place) >= len(given):
            raise NotFound("This task has no such picture.")
        name, kind = given[int(place)]["name"], given[int(place)]["content_type"]
    if not name or kind not in SHOWN_INPUTS:
        raise NotFound("This task has no such picture.")
    headers = {
        "cache-control": "private, max-age=600",
        "content-security-policy": "sandbox; default-src 'none'",
        "x-content-type-options": "nosniff",
    }
    return PlainResponse(await visit.services.inputs.load(name), headers=headers, media_type=kind)


async def now_task(visit: Visit) -> Response:
    """Say where a task stands, to a page that asks again and again."""
    task, position = await visit.services.database.read(_standing, visit.user.account_id, _asked(visit))
    over = task.finished_at is not None
    answer = {"status": task.status, "said": standing(task, position), "over": over}
    return JSONResponse(answer, headers={"cache-control": "no-store"})


def _standing(tx: Transaction, account_id: str, task_id: str) -> tuple[Task, int | None]:
    task = _find(tx, account_id, task_id)
    return task, tasks.position(tx, task)


async def cancel_task(visit: Visit) -> Response:
    """End a task before it is done."""
    task_id, account_id = _asked(visit), visit.user.account_id
    task, _ = await visit.services.database.read(_standing, account_id, task_id)
    try:
        await visit.services.generations.cancel(account_id, task_id)
        notice = "The task is cancelled. Nothing was charged."
    except Conflict:
        notice = "The task was over before it could be cancelled."
    return visit.redirect(f"/console/tasks/{task.id}", notice=notice)


show_task_page = page("/console/tasks/{id}", show_task, needs="user")
show_input_page = page("/console/tasks/{id}/inputs/{place}", show_input, needs="user")
now_task_page = page("/console/tasks/{id}/now", now_task, needs="user")
cancel_task_page = page("/console/tasks/{id}/cancel", cancel_task, needs="user")
