"""The tasks of all accounts: found, looked at, cancelled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import msgspec

from limner import assets, callbacks, oversight
from limner import tasks as table
from limner.console.admin.reading import A_PAGE, asked, day, ident, paged
from limner.console.tasks import prompt_in
from limner.errors import BadRequest, Conflict
from limner.ids import SECOND
from limner.oversight import Sought
from limner.tasks import Status, Task

if TYPE_CHECKING:
    from starlette.responses import Response

    from limner.console.frame import Visit
    from limner.db import Row, Transaction

FILTERS = ("status", "model", "account", "from", "to")


async def show_all(visit: Visit) -> Response:
    """List tasks, newest first."""
    given = {name: asked(visit, name) for name in FILTERS}
    error, rows = None, []
    try:
        rows = await visit.services.database.read(oversight.every_task, _sought(visit, given), A_PAGE + 1)
    except BadRequest as wrong:
        error = wrong
    rows, pages = paged(visit, rows, lambda row: row["id"])
    return visit.render(
        "admin/tasks.html",
        error.status if error else 200,
        page="all-tasks",
        error=error,
        rows=[shown(row) for row in rows],
        pages=pages,
        given=given,
        statuses=get_args(Status),
        models=list(visit.services.catalogue.known),
    )


def _sought(visit: Visit, given: dict[str, str]) -> Sought:
    return Sought(
        status=given["status"] or None,
        model=given["model"] or None,
        account=given["account"] or None,
        created_from=day(visit, "from"),
        created_before=day(visit, "to", following=True),
        after=asked(visit, "after") or None,
    )


def shown(row: Row) -> dict[str, Any]:
    """Give a task as a list shows it."""
    error = msgspec.json.decode(row["error"])["code"] if row["error"] else None
    return {**row, "prompt": prompt_in(row["request"]), "error_code": error}


async def show(visit: Visit) -> Response:
    """Show one task with its story."""
    values = await visit.services.database.read(_everything_of, ident(visit))
    made = visit.services.assets.shown(values.pop("made"))
    return visit.render("admin/task.html", page="all-tasks", pictures=made, **values)


def _everything_of(tx: Transaction, task_id: str) -> dict[str, Any]:
    row = oversight.task(tx, task_id)
    task = Task(**{name: row[name] for name in Task.__struct_fields__})
    return {
        "task": shown(row),
        "request": msgspec.json.format(task.request, indent=2),
        "error": msgspec.json.decode(task.error) if task.error else None,
        "story": [_event(event) for event in table.story(tx, task)],
        "made": [made for made in assets.of_task(tx, task_id) if made.deleted_at is None],
        "deliveries": callbacks.of_task(tx, task_id),
    }


def _event(event: dict[str, Any]) -> dict[str, Any]:
    """Give an event as the page shows it: the time in the tables' unit, the detail as text."""
    detail = event.get("detail")
    return {
        "kind": event["kind"],
        "at": round(event["at"] * SECOND),
        "detail": msgspec.json.encode(detail).decode() if detail else "",
    }


async def cancel(visit: Visit) -> Response:
    """End a task before it is done."""
    row = await visit.services.database.read(oversight.task, ident(visit))
    try:
        await visit.services.generations.cancel(row["account_id"], row["id"], admin=visit.user.email)
        notice = "The task is cancelled; nothing was charged."
    except Conflict:
        notice = "The task was over already."
    return visit.redirect(f"/admin/tasks/{row['id']}", notice=notice)
