"""Deliveries in trouble, over all accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from limner import administration, oversight
from limner.console.admin.reading import A_PAGE, asked, ident, paged

if TYPE_CHECKING:
    from starlette.responses import Response

    from limner.console.frame import Visit


async def show_all(visit: Visit) -> Response:
    """List what did not arrive at once: given up, refused for good, or waiting for another attempt."""
    after = asked(visit, "after") or None
    rows = await visit.services.database.read(oversight.troubled, most=A_PAGE + 1, after=after)
    rows, pages = paged(visit, rows, lambda pair: pair[0]["id"])
    return visit.render("admin/deliveries.html", page="deliveries", rows=rows, pages=pages)


async def redeliver(visit: Visit) -> Response:
    """Make a delivery again."""
    await visit.services.database.write(administration.redeliver, visit.user.email, ident(visit))
    visit.services.courier.wake()
    return visit.redirect("/admin/deliveries", notice="The callback is on its way again.")
