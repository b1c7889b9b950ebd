"""The list of an account's tasks: filters, a search, and pages by the tasks at their ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args
from urllib.parse import urlencode

import msgspec

from limner import assets, tasks
from limner.capabilities import Operation  # noqa: TC001 - the shape is read at run time
from limner.console import query
from limner.console.frame import page
from limner.tasks import Status, Wanted

if TYPE_CHECKING:
    from starlette.responses import Response

    from limner.assets import Asset
    from limner.console.frame import Visit
    from limner.db import Transaction
    from limner.tasks import Task

ROWS = 25
STATUSES: tuple[str, ...] = get_args(Status)


class Found(msgspec.Struct, frozen=True):
    """A page of tasks with the first picture of each that has one; whether there are newer and older ones."""

    tasks: list[Task]
    pictures: dict[str, list[Asset]]
    newer: bool
    older: bool


VARIED = "A variation of a picture"
"""Stands for the prompt of a variation, which has none."""


class _Asked(msgspec.Struct):
    prompt: str = ""
    operation: Operation = "generate"


_asked = msgspec.json.Decoder(_Asked)


def prompt_of(task: Task) -> str:
    """Give what a task was asked to draw."""
    return prompt_in(task.request)


def prompt_in(request: str) -> str:
    """Give what was asked for, out of a task's request as it is kept."""
    asked = _asked.decode(request)
    return VARIED if asked.operation == "vary" else asked.prompt


async def list_tasks(visit: Visit) -> Response:
    """Show the account's tasks, newest first."""
    given = {name: query.text(visit, name) for name in ("q", "status", "model", "from", "to")}
    first, last = query.day(visit, "from"), query.day(visit, "to")
    wanted = Wanted(
        status=query.choice(visit, "status", STATUSES),
        model=given["model"],
        created_at_min=query.beginning(first) if first else None,
        created_at_max=query.end(last) if last else None,
        after=query.text(visit, "after"),
        before=query.text(visit, "before"),
    )
    found = await visit.services.database.read(_found, visit.user.account_id, wanted, given["q"])
    models = dict.fromkeys([*visit.services.catalogue.models, *([given["model"]] if given["model"] else [])])
    return visit.render(
        "tasks.html",
        page="tasks",
        rows=[_row(visit, task, found.pictures.get(task.id, [])) for task in found.tasks],
        given=given,
        filtered=any(given.values()),
        statuses=STATUSES,
        models=list(models),
        newer=_link(given, before=found.tasks[0].id) if found.newer else None,
        older=_link(given, after=found.tasks[-1].id) if found.older else None,
    )


def _row(visit: Visit, task: Task, pictures: list[Asset]) -> dict[str, Any]:
    there = [asset for asset in pictures if asset.deleted_at is None]
    size = f"{pictures[0].width} \N{MULTIPLICATION SIGN} {pictures[0].height}" if pictures else None
    return {
        "task": task,
        "prompt": prompt_of(task),
        "size": size,
        "count": len(pictures),
        "picture": visit.services.assets.link(there[0]) if there else None,
    }


def _link(given: dict[str, str | None], **place: str) -> str:
    return "/console/tasks?" + urlencode({name: value for name, value in {**given, **place}.items() if value})


def _found(tx: Transaction, account_id: str, wanted: Wanted, search: str | None) -> Found:
    """Find a page; what is searched for is an id or a trace id if there is such a one, else words of the prompt."""
    listed, backwards = _listed(tx, account_id, wanted, search), wanted.before is not None
    more = len(listed) > ROWS
    shown = listed[-ROWS:] if backwards else listed[:ROWS]
    return Found(
        shown,
        assets.of_tasks(tx, [task.id for task in shown]),
        newer=bool(shown) and (more if backwards else wanted.after is not None),
        older=bool(shown) and (backwards or more),
    )


def _listed(tx: Transaction, account_id: str, wanted: Wanted, search: str | None) -> list[Task]:
    if search is None:
        return tasks.listed(tx, account_id, wanted, limit=ROWS + 1)
    for exactly in ({"ids": [search.lower()]}, {"trace_ids": [search]}):
        found = tasks.listed(tx, account_id, msgspec.structs.replace(wanted, **exactly), limit=ROWS + 1)
        if found:
            return found
    return tasks.listed(tx, account_id, msgspec.structs.replace(wanted, words=search), limit=ROWS + 1)


list_tasks_page = page("/console/tasks", list_tasks, needs="user")
