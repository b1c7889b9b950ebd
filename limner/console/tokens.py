"""The page of an account's tokens: make one for a program that manages the account, see when it was used, revoke it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from limner import tokens
from limner.console.frame import page
from limner.errors import BadRequest, LimnerError, NotFound
from limner.ids import SECOND, now

if TYPE_CHECKING:
    from starlette.responses import Response

    from limner.console.frame import Visit

HERE = "/console/tokens"
LONGEST_NAME = 80
MOST_DAYS = 3650
DAY = 86_400 * SECOND


async def show(visit: Visit) -> Response:
    """Show the tokens and the form for another."""
    return await _show(visit)


async def _show(visit: Visit, error: LimnerError | None = None) -> Response:
    found = await visit.services.database.read(tokens.of_account, visit.user.account_id)
    at = now()
    return visit.render(
        "tokens.html",
        error.status if error else 200,
        page="tokens",
        working=[one for one in reversed(found) if one.state(at) == "active"],
        ended=[(one, one.state(at)) for one in reversed(found) if one.state(at) != "active"],
        base=visit.services.public_url,
        error=error,
        form=visit.form,
    )


async def make(visit: Visit) -> Response:
    """Make a token; its key is shown on the page that comes next and never again."""
    try:
        name, expires_at = _name(visit), _expiry(visit)
    except BadRequest as error:
        return await _show(visit, error)
    _, key = await visit.services.database.write(tokens.create, visit.user.account_id, name, expires_at=expires_at)
    return visit.redirect(HERE, key=key)


async def revoke(visit: Visit) -> Response:
    """End a token at once."""
    which = visit.form.get("id", "")
    if not await visit.services.database.write(tokens.revoke, visit.user.account_id, which):
        raise NotFound("There is no such account token, or it has ended already.")
    return visit.redirect(HERE, notice="The account token is revoked: it works no more.")


def _name(visit: Visit) -> str:
    name = visit.form.get("name", "").strip()
    if not name or len(name) > LONGEST_NAME:
        raise BadRequest(f"A name has 1 to {LONGEST_NAME} characters.", param="name")
    return name


def _expiry(visit: Visit) -> int | None:
    given = visit.form.get("days", "").strip()
    if not given:
        return None
    if not given.isascii() or not given.isdigit() or len(given) > 6 or not 1 <= int(given) <= MOST_DAYS:
        raise BadRequest(
            f"Days are a whole number from 1 to {MOST_DAYS}; nothing means that it never ends.", param="days"
        )
    return now() + int(given) * DAY


show_tokens_page = page(HERE, show, needs="user")
make_token_page = page(HERE, make, needs="user")
revoke_token_page = page(f"{HERE}/revoke", revoke, needs="user")
