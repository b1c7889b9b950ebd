"""Templates filled in and code coloured.

Imported at the first page, not before: a server that only answers programs never loads Jinja2 and Pygments.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape
from pygments import highlight  # type: ignore[import-untyped] # its types are a package of their own
from pygments.formatters.html import HtmlFormatter  # type: ignore[import-untyped]
from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]

from limner.console.assets import static_url
from limner.console.literals import literal, pairs, shell
from limner.ids import SECOND

if TYPE_CHECKING:
    from collections.abc import Callable

CREDIT = 1_000_000
"""Micro-credits in one credit."""


def render(template: str, **values: Any) -> str:
    """Fill in a template; its path is relative to `templates`."""
    return environment().get_template(template).render(**values)


@cache
def environment() -> Environment:
    """Give the template engine: HTML is escaped, a name that is not there is an error."""
    made = Environment(
        loader=PackageLoader("limner.console"),
        autoescape=select_autoescape(["html"], default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["coloured"] = coloured
    made.filters["chips"] = chips
    made.filters["credits"] = in_credits
    made.filters["moment"] = moment
    made.filters["literal"] = literal
    made.filters["pairs"] = pairs
    made.filters["shell"] = shell
    made.filters["span"] = span
    made.filters["json"] = as_json
    made.globals["static"] = static_url
    return made


MOST_COLOURED = 24_000
"""Characters of code that are coloured; for more it would take longer than colours are worth."""


def coloured(code: str, language: str) -> Markup:
    """Mark up code with Pygments' short classes; the colours are in the stylesheet."""
    if len(code) > MOST_COLOURED:
        return escape(code)
    marked = highlight(code, get_lexer_by_name(language), HtmlFormatter(nowrap=True))
    return Markup(marked.rstrip("\n"))  # noqa: S704 - the formatter escapes what it is given


def chips(text: str) -> Markup:
    """Turn the `backticks` of a plain text into code elements, and escape the rest."""
    parts: list[Callable[[str], Markup]] = [escape, Markup("<code>{}</code>").format]
    return Markup("").join(parts[place % 2](part) for place, part in enumerate(text.split("`")))


def in_credits(micro: int | None) -> str:
    """Write micro-credits as credits: at least two digits behind the point, as many as it needs, four at most."""
    whole = f"{abs(micro or 0) / CREDIT:,.4f}".rstrip("0")
    point = whole.index(".")
    return ("\N{MINUS SIGN}" if (micro or 0) < 0 else "") + whole.ljust(point + 3, "0")


def moment(at: int | None) -> Markup:
    """Write a time of the tables for people, in UTC; a script of the page puts it into their own time zone."""
    if at is None:
        return Markup('<span class="soft">never</span>')
    told = datetime.fromtimestamp(at / SECOND, UTC)
    return Markup('<time datetime="{}">{}</time>').format(
        told.isoformat(timespec="milliseconds"), told.strftime("%Y-%m-%d %H:%M:%S UTC")
    )


def span(seconds: float) -> str:
    """Write a time span in the largest unit in which it is a whole number; a single day is 24 h."""
    for unit, length, least in (("d", 86_400, 2), ("h", 3_600, 1), ("min", 60, 1)):
        if seconds >= length * least and seconds % length == 0:
            return f"{seconds / length:g} {unit}"
    return f"{seconds:g} s"


def as_json(value: Any) -> str:
    """Write a value as JSON for people to read, a string or number as in code."""
    return json.dumps(value, indent=2, ensure_ascii=False)
