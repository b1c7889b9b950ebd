"""The audit log: what admins did, to what, and when. Rows are only added; who left goes by another name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import bindparam, func, or_, select, update

from limner.db.schema import audit
from limner.ids import new_id, now

if TYPE_CHECKING:
    from limner.db import Row, Transaction

COMMAND_LINE = "command line"

_NAMING = select(audit).where(
    or_(
        *(column.like(bindparam("pattern"), escape="\\") for column in (audit.c.actor, audit.c.subject, audit.c.detail))
    )
)
_RENAMED = (
    update(audit)
    .where(audit.c.id == bindparam("which"))
    .values(actor=bindparam("who"), subject=bindparam("what"), detail=bindparam("how"))
)


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One act; `at` is microseconds, `detail` what was changed to what."""

    id: str
    at: int
    actor: str
    act: str
    subject: str
    detail: dict[str, Any]


_ACTS = select(audit.c.act).distinct().order_by(audit.c.act)


def record(tx: Transaction, actor: str, act: str, subject: str, **detail: Any) -> None:
    """Write down an act, in the transaction that does it: `act` is a verb phrase such as `grant credits`."""
    text = msgspec.json.encode(detail).decode() if detail else None
    tx.insert(audit, id=new_id(), at=now(), actor=actor, act=act, subject=subject, detail=text)


def listed(
    tx: Transaction, most: int, *, before: str | None = None, who: str | None = None, act: str | None = None
) -> list[Entry]:
    """List acts, newest first, from behind the entry `before` on; `who` is to be found in the actor or the subject."""
    statement = select(audit).order_by(audit.c.id.desc()).limit(most)
    if before is not None:
        statement = statement.where(audit.c.id < before)
    if act is not None:
        statement = statement.where(audit.c.act == act)
    if who is not None:
        found = func.lower(audit.c.actor).contains(who.lower(), autoescape=True)
        statement = statement.where(found | func.lower(audit.c.subject).contains(who.lower(), autoescape=True))
    return [_entry(row) for row in tx.all(statement)]


def acts(tx: Transaction) -> list[str]:
    """List the kinds of acts that were recorded."""
    return [row["act"] for row in tx.all(_ACTS)]


def rename(tx: Transaction, name: str, alias: str) -> None:
    """Call somebody by another name wherever an entry names them, as doer, as subject or in what was changed."""
    pattern = "%" + re.sub(r"([\\%_])", r"\\\1", name) + "%"
    # not the end of a longer address, nor its beginning
    whole = re.compile(rf"(?<![\w.+-]){re.escape(name)}(?![\w-]|\.\w)")
    for row in tx.all(_NAMING, pattern=pattern):
        who, what, how = (row[column] and whole.sub(alias, row[column]) for column in ("actor", "subject", "detail"))
        tx.run(_RENAMED, which=row["id"], who=who, what=what, how=how)


def _entry(row: Row) -> Entry:
    detail = msgspec.json.decode(row["detail"]) if row["detail"] else {}
    return Entry(**{**{name: row[name] for name in ("id", "at", "actor", "act", "subject")}, "detail": detail})
