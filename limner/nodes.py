"""Nodes: the processes that serve or paint together on one database, and how the death of one is noticed.

A living node counts its `beat` up. Whoever looks judges by its own clock how long a beat has stood still, so clocks
that differ between machines do not matter.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import socket
import time
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from sqlalchemy import bindparam, delete, select, update

from limner.db.schema import nodes
from limner.ids import new_id, now

if TYPE_CHECKING:
    from limner.db import Transaction

BEAT_EVERY = 2.0
DEAD_AFTER = 10.0
"""Seconds between two beats, and how long one may stand still; the whole way to another node stays under 30 s."""


LOOKS = 3
"""How many looks in a row must have found a beat where it was before its node is dead."""


class Sight(NamedTuple):
    """What was seen of a node: its beat, since when it has stood there, and how often that was seen again."""

    beat: int
    since: float
    looks: int


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """One process: `name` is for people, `role` is serve or worker, `models` what it paints. Times are microseconds."""

    id: str
    name: str
    role: str
    models: str
    fingerprint: str
    started_at: int
    beat: int = 0
    beat_at: int = 0


_FIELDS = Node.__struct_fields__
_ALL = select(nodes).order_by(nodes.c.started_at)
_BEAT = update(nodes).where(nodes.c.id == bindparam("which")).values(beat=nodes.c.beat + 1, beat_at=bindparam("at"))
_REMOVE = delete(nodes).where(nodes.c.id == bindparam("which"))


def this_one(role: str, models: str, master: bytes) -> Node:
    """Describe this process; `master` is the server's secret key, which all nodes of a fleet must share."""
    at = now()
    mark = hmac.digest(master, b"limner node fingerprint", hashlib.sha256).hex()[:16]
    name = f"{socket.gethostname()}:{os.getpid()}"
    return Node(id=new_id(), name=name, role=role, models=models, fingerprint=mark, started_at=at, beat_at=at)


def register(tx: Transaction, node: Node) -> None:
    """Write a node that has just started, or that was taken for dead and is not."""
    tx.insert(nodes, **msgspec.structs.asdict(node))


def beat(tx: Transaction, node_id: str) -> bool:
    """Say that a node lives; False when it has been taken for dead meanwhile."""
    return tx.run(_BEAT, which=node_id, at=now()) == 1


def everyone(tx: Transaction) -> list[Node]:
    """List all nodes, oldest first."""
    return [Node(**{field: row[field] for field in _FIELDS}) for row in tx.all(_ALL)]


def remove(tx: Transaction, node_id: str) -> bool:
    """Take a node off the list; False when it was not on it any more, so only one of those who ask gets True."""
    return tx.run(_REMOVE, which=node_id) == 1


class Lookout:
    """One node's view of the others: which of them have stood still for too long.

    Time alone does not make one dead, only looks that found it where it was: after an outage of the database nobody has
    beaten, and everybody looks at once.
    """

    def __init__(self, patience: float = DEAD_AFTER) -> None:
        """`patience` is in seconds."""
        self._patience = patience
        self._seen: dict[str, Sight] = {}

    def dead(self, found: list[Node], at: float | None = None) -> list[str]:
        """Compare the nodes with what was seen before; `at` is on `time.monotonic`'s clock."""
        at = time.monotonic() if at is None else at
        self._seen = {node.id: self._look(node, at) for node in found}
        return [
            node_id
            for node_id, sight in self._seen.items()
            if at - sight.since > self._patience and sight.looks >= LOOKS
        ]

    def _look(self, node: Node, at: float) -> Sight:
        before = self._seen.get(node.id)
        if before is None or before.beat != node.beat:
            return Sight(node.beat, at, 0)
        return Sight(node.beat, before.since, before.looks + 1)
