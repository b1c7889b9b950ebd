"""The audit log: what admins and the command line did, and what policies refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from limner import audit
from limner.console.admin.reading import A_PAGE, asked, paged

if TYPE_CHECKING:
    from starlette.responses import Response

    from limner.audit import Entry
    from limner.console.frame import Visit
    from limner.db import Transaction

MONEY = {"micro_credits", "balance"}


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
    """Give an entry's detail as names and texts; what was changed is told as before and after."""
    detail = dict(entry.detail)
    before, after = detail.pop("from", None), detail.pop("to", None)
    if isinstance(after, dict):
        was = before if isinstance(before, dict) else {}
        pairs = {name: (was.get(name), value) for name, value in after.items() if was.get(name) != value}
    else:
        pairs = {"": (before, after)} if after is not None else {}
    told = [(_name(name), f"{_word(was)} → {_word(now)}") for name, (was, now) in pairs.items()]
    return told + [(_name(name), _word(value, money=name in MONEY)) for name, value in detail.items()]


def _name(name: str) -> str:
    return {"micro_credits": "credits"}.get(name, name.replace("_", " "))


def _word(value: Any, *, money: bool = False) -> str:
    """Write a value for people; a dict is a table of prices."""
    if isinstance(value, dict):
        bands = {quality: ", ".join(_credits(price) for _, price in table) for quality, table in value.items()}
        return "; ".join(f"{quality} {prices}" for quality, prices in bands.items())
    if money:
        return _credits(value)
    if value is None or isinstance(value, bool):
        return {None: "not set", True: "yes", False: "no"}[value]
    return str(value)


def _credits(micro: int) -> str:
    from limner.console.html import in_credits  # noqa: PLC0415 - loads the template engine, which a start does not need

    return in_credits(micro)
