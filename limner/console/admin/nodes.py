"""The health of this installation: its nodes, what waits, what works, and the settings it runs with."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Any

from limner import nodes, oversight
from limner.db.migrate import HEAD
from limner.ids import SECOND, now
from limner.nodes import DEAD_AFTER

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from starlette.responses import Response

    from limner.bootstrap import Services
    from limner.console.frame import Visit
    from limner.db import Transaction


async def show_all(visit: Visit) -> Response:
    """Show how everything is doing."""
    services = visit.services
    checks = await _checks(services)
    values = await services.database.read(_numbers)
    return visit.render(
        "admin/nodes.html",
        page="nodes",
        checks=checks,
        here=services.node.id,
        dialect=services.database.dialect,
        schema=HEAD,
        python=platform.python_version(),
        settings=services.shown_settings,
        **values,
    )


def _numbers(tx: Transaction) -> dict[str, Any]:
    at, busy = now(), oversight.in_hand(tx)
    rows = [
        {
            "node": node,
            "age": max(0, at - node.beat_at) / SECOND,
            "alive": at - node.beat_at < DEAD_AFTER * SECOND,
            "busy": busy.get(node.id, 0),
        }
        for node in nodes.everyone(tx)
    ]
    waiting = [{**row, "seconds": max(0, at - row["oldest"]) / SECOND} for row in oversight.lines(tx)]
    return {"rows": rows, "waiting": waiting}


async def _checks(services: Services) -> list[tuple[str, bool, str]]:
    """Try what this node needs, as `/readyz` does: what, whether it is well, and what there is to say."""
    found = [
        ("database", *await _works(services.database.ready())),
        ("storage", *await _works(services.storage.check())),
    ]
    for name, engine in services.engines.items():
        health = await engine.check()
        found.append((f"engine {name}", health.ok, health.detail))
    return found


async def _works(check: Awaitable[None]) -> tuple[bool, str]:
    try:
        await check
    except Exception as error:  # noqa: BLE001 - whatever fails is what is to be told
        return False, type(error).__name__
    return True, "works"
