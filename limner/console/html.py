"""Pages: templates filled in, code coloured, and sent with headers that let nothing foreign in.

Jinja2 and Pygments are imported at the first page, so that a server that only answers programs never loads them.
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import Response

from limner.console.assets import ASK_AGAIN, same, static_url

if TYPE_CHECKING:
    from collections.abc import Callable

    from jinja2 import Environment
    from markupsafe import Markup
    from starlette.requests import Request

POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
"""Content Security Policy Level 3: our own files and nothing else, no code or style inside the page."""

HEADERS: dict[str, str] = {
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": ASK_AGAIN,
}


class Page(msgspec.Struct, frozen=True):
    """A finished page and the ETag that stands for it."""

    body: bytes
    etag: str


def render(template: str, **values: Any) -> Page:
    """Fill in a page's template."""
    body = environment().get_template(template).render(**values).encode()
    return Page(body, f'"{hashlib.sha256(body).hexdigest()[:16]}"')


def respond(request: Request, page: Page) -> Response:
    """Send a page, or the news that the client's copy is still good."""
    headers = HEADERS | {"etag": page.etag}
    if same(request, page.etag):
        return Response(None, 304, headers)
    return Response(page.body, 200, headers | {"content-type": "text/html; charset=utf-8"})


@cache
def environment() -> Environment:
    """Give the template engine: HTML is escaped, a name that is not there is an error."""
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape  # noqa: PLC0415 - see above

    made = Environment(
        loader=PackageLoader("limner.console"),
        autoescape=select_autoescape(["html"], default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["coloured"] = coloured
    made.filters["chips"] = chips
    made.globals["static"] = static_url
    return made


def coloured(code: str, language: str) -> Markup:
    """Mark up code with Pygments' short classes; the colours are in the stylesheet."""
    from markupsafe import Markup  # noqa: PLC0415 - see above
    from pygments import highlight  # noqa: PLC0415 - the same
    from pygments.formatters.html import HtmlFormatter  # noqa: PLC0415 - the same

    # The formatter escapes what it is given
    return Markup(highlight(code, _lexer(language), HtmlFormatter(nowrap=True)).rstrip("\n"))  # noqa: S704


def _lexer(language: str) -> Any:
    from pygments.lexers import get_lexer_by_name  # noqa: PLC0415 - see above

    return get_lexer_by_name(language)


def chips(text: str) -> Markup:
    """Turn the `backticks` of a plain text into code elements, and escape the rest."""
    from markupsafe import Markup, escape  # noqa: PLC0415 - see above

    parts: list[Callable[[str], Markup]] = [escape, lambda part: Markup("<code>{}</code>").format(part)]
    return Markup("").join(parts[place % 2](part) for place, part in enumerate(text.split("`")))
