"""The audit log: what admins and the command line did."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from limner import audit
from limner.console.admin.reading import A_PAGE, asked, paged

if TYPE_CHECKING:
    from starlette.responses import Response

    from limner.audit import Entry
    from limner.console.frame import Visit
    from limner.db import Transaction


async def show_all(visit: Visit) -> Response:
    """List acts, newest first."""
    who, act, after = asked(visit, "who"), asked(visit, "act"), asked(visit, "after")
    rows, acts = await visit.services.database.read(_listing, after or None, who or None, act or None)
    rows, pages = paged(visit, rows, lambda entry: entry.id)
    told = [(entry, _told(entry)) for entry in rows]
    return visit.render("admin/audit.html", page="audit", rows=told, acts=acts, pages=pages, who=who, act=act)


def _listing(tx: Transaction, before: str | None, who: str | None, act: str | None) -> tuple[list[Entry], list[str]]:
    return audit.listed(tx, A_PAGE + 1, before=before, who=who, act=act), audit.acts(tx)


def _told(entry: Entry) -> list[tuple[str, str]]:
    """Give an entry's detail as names and texts."""
    return [
        (name.replace("_", " "), value if isinstance(value, str) else msgspec.json.encode(value).decode())
        for name, value in entry.detail.items()
    ]
