"""The first page of the console: what the account has, made and spent, and what to do next."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from limner import accounts, completion, quotas, tasks, usage
from limner.console.charts import ranked, stacked
from limner.console.frame import page
from limner.console.query import Period, day_of, today
from limner.console.tasks import prompt_of
from limner.tasks import Wanted

if TYPE_CHECKING:
    from datetime import date

    from starlette.responses import Response

    from limner.assets import Asset
    from limner.catalog import Catalogue
    from limner.console.frame import Visit
    from limner.db import Transaction
    from limner.tasks import Task
    from limner.usage import Sum

DAYS = 30
RECENT = 12


class Known(msgspec.Struct, frozen=True):
    """What the page is made from."""

    balance: int
    admitted: bool
    sums: list[Sum]
    recent: list[tuple[Task, Asset]]
    begun: bool


async def overview(visit: Visit) -> Response:
    """Show what the account has, made and spent lately."""
    from limner.console.html import in_credits  # noqa: PLC0415 - loads the template engine, which a start does not need

    services, last = visit.services, today()
    period = Period(last - timedelta(days=DAYS - 1), last)
    known = await services.database.read(_known, visit.user.account_id, period)
    pictures = {(day_of(one.start), one.model or ""): one.pictures for one in known.sums}
    cost = {(day_of(one.start), one.model or ""): one.cost for one in known.sums}
    names = ranked(pictures)
    return visit.render(
        "overview.html",
        page="overview",
        name=visit.user.name or visit.user.email.partition("@")[0],
        known=known,
        affordable=affordable(services.catalogue, known.balance),
        totals=_totals(known.sums, last),
        charts=[
            ("pictures", "Pictures a day", stacked(period.days, pictures, names, "{:,}".format)),
            ("cost", "Credits a day", stacked(period.days, cost, names, in_credits)),
        ],
        recent=[(task, prompt_of(task), services.assets.link(asset)) for task, asset in known.recent],
    )


def _known(tx: Transaction, account_id: str, period: Period) -> Known:
    chosen = usage.Chosen(start=period.start, end=period.end, account_id=account_id)
    done = tasks.listed(tx, account_id, Wanted(status="completed"), limit=RECENT)
    ends = completion.outcomes(tx, done)
    made = [(task, asset) for task, end in ends if end for asset in end.assets if asset.deleted_at is None]
    return Known(
        balance=quotas.balance(tx, account_id),
        admitted=accounts.application(tx, account_id) is not None,
        sums=usage.sums(tx, chosen, usage.DAY, ("model",)),
        recent=made[:RECENT],
        begun=bool(done) or bool(tasks.listed(tx, account_id, Wanted(), limit=1)),
    )


def _totals(sums: list[Sum], last: date) -> dict[str, int]:
    """Add up the tiles."""
    return {
        "today": sum(one.pictures for one in sums if day_of(one.start) == last),
        "pictures": sum(one.pictures for one in sums),
        "cost": sum(one.cost for one in sums),
        "calls": sum(one.calls for one in sums),
        "failures": sum(one.failures for one in sums),
    }


def affordable(catalogue: Catalogue, balance: int) -> int | None:
    """Say how many standard pictures of the default model a balance buys; None where they are free."""
    model = catalogue.models[catalogue.default]
    width, _, height = model.capabilities.default_size.partition("x")
    price = model.price(model.capabilities.default_quality, int(width), int(height))
    return max(balance, 0) // price if price else None


overview_page = page("/console", overview, needs="user")
