"""The frame around every page that knows its visitor: session, forms, redirects, and errors as pages.

A handler takes a `Visit` and gives a response; `page` makes it an endpoint. Forms are POSTs that carry the token of
their session, so another site's page cannot send them in a visitor's name.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.responses import RedirectResponse, Response

from limner import __version__, sessions
from limner.console.pages import HEADERS, policy
from limner.console.query import plain
from limner.errors import ApiError, BadRequest, LimnerError, NotFound, RequestTooLarge
from limner.ids import now

if TYPE_CHECKING:
    from starlette.requests import Request

    from limner.bootstrap import Services
    from limner.sessions import Session

Handler = Callable[["Visit"], Awaitable[Response]]
Needs = Literal["nobody", "user", "admin"]

MAX_FORM = 256 * 1024
MOST_FIELDS = 500
"""Largest form, bytes, and how many fields it may have."""

ONCE_LIFE = 120
"""Seconds within which what is shown once must be looked at."""

_VISITOR, _ONCE = "limner_visitor", "limner_once"


class Visit:
    """One request of a person: who it is, what they sent, and the ways to answer."""

    def __init__(self, request: Request, services: Services, session: Session | None, token: str | None) -> None:
        """`token` is that of the session's cookie."""
        self.request, self.services, self.session = request, services, session
        self._token = token
        self._visitor: str | None = request.cookies.get(_VISITOR)
        self._made_visitor = False
        self.form: Mapping[str, str] = {}
        self.lists: Mapping[str, list[str]] = {}
        self.query = request.query_params
        self._once = _opened(services, request.cookies.get(_ONCE))

    @property
    def user(self) -> Session:
        """Who is signed in; only for pages that need a user."""
        if self.session is None:
            raise NotFound("Nobody is signed in.")
        return self.session

    @property
    def csrf(self) -> str:
        """What forms of this visitor carry; a visitor without a session gets a cookie for it."""
        if self.session is not None and self._token is not None:
            return sessions.csrf_token(self.services.secret, self._token)
        if self._visitor is None:
            self._visitor, self._made_visitor = secrets.token_urlsafe(24), True
        return sessions.csrf_token(self.services.secret, self._visitor)

    @property
    def once(self) -> dict[str, Any]:
        """What the request before this one had to show, once: a notice, or a key that was just made."""
        return self._once or {}

    @property
    def here(self) -> str:
        """The path and query of the page, for coming back to it."""
        query = self.request.url.query
        return self.request.url.path + (f"?{query}" if query else "")

    async def read(self) -> None:
        """Read the form and check that this site sent it; raises `BadRequest` naming `csrf` or `RequestTooLarge`."""
        body = bytearray()
        async for part in self.request.stream():
            body += part
            if len(body) > MAX_FORM:
                raise RequestTooLarge(f"A form may have at most {MAX_FORM} bytes.")
        try:
            pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
        except ValueError as error:
            raise BadRequest(f"A form may have at most {MOST_FIELDS} fields.") from error
        pairs = [(name, plain(value)) for name, value in pairs]
        self.form = dict(pairs)
        self.lists = {name: [value for other, value in pairs if other == name] for name, _ in pairs}
        self._check_csrf()

    def _check_csrf(self) -> None:
        holder = self._token if self.session is not None else self._visitor
        given = self.form.get("csrf", "") or self.request.headers.get("x-csrf-token", "")
        foreign = self.request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}
        if foreign or holder is None or not sessions.csrf_fits(self.services.secret, holder, given):
            raise BadRequest(
                "This form is out of date or was not sent from here: go back, reload the page and send it again.",
                param="csrf",
                status=403,
            )

    def render(self, template: str, status: int = 200, **values: Any) -> Response:
        """Fill in a template of `templates` for this visitor."""
        from limner.console import html  # noqa: PLC0415 - loads the template engine, which a start does not need

        given: dict[str, Any] = {"visit": self, "session": self.session, "once": self.once, "version": __version__}
        given |= {"page": "", "in_console": False, "wide": False}
        body = html.render(template, **{**given, **values}).encode()
        headers = {**HEADERS, "content-security-policy": policy(self.services), "cache-control": "no-store"}
        answer = Response(body, status, headers, "text/html")
        if self._once is not None:
            self.forget(answer)
        return self._finish(answer)

    def redirect(self, path: str, **once: Any) -> Response:
        """Send the browser to a page of ours with a GET; `once` is shown there and nowhere else.

        Without it, what the request before had to show and was not shown yet is shown there.
        """
        answer = RedirectResponse(path, 303, {"cache-control": "no-store"})
        if once:
            value = _serializer(self.services).dumps(once)
            # not strict: who comes back from single sign-on is still on the way from another site
            self.set_cookie(answer, _ONCE, value, max_age=ONCE_LIFE)
        return self._finish(answer)

    def _finish(self, answer: Response) -> Response:
        if self._made_visitor and self._visitor is not None:
            self.set_cookie(answer, _VISITOR, self._visitor, max_age=86_400)
        return answer

    def set_cookie(self, answer: Response, name: str, value: str, *, max_age: int) -> None:
        """Give the browser a cookie that scripts cannot read and other sites' forms do not carry."""
        answer.set_cookie(
            name,
            value,
            max_age=max_age,
            path="/",
            secure=self.services.public_url.startswith("https:"),
            httponly=True,
            samesite="lax",
        )

    async def sign_in(self, user_id: str, answer: Response) -> None:
        """Begin a session and put its cookie into an answer; whatever session there was is over."""
        services, life = self.services, self.services.settings.session_life
        if self.session is not None:
            await services.database.write(sessions.end, self.session.user_id, self.session.id)
        token = await services.database.write(
            sessions.begin,
            user_id,
            user_agent=self.request.headers.get("user-agent", ""),
            address=self.address,
            life=life * 1_000_000,
        )
        self.set_cookie(answer, sessions.cookie_name(services.public_url), token, max_age=life)

    def forget(self, answer: Response) -> None:
        """Take away what is shown once: it was, or whoever comes next may be somebody else."""
        answer.delete_cookie(_ONCE, path="/")

    def sign_out(self, answer: Response) -> None:
        """Take the session's cookie away."""
        answer.delete_cookie(
            sessions.cookie_name(self.services.public_url),
            path="/",
            secure=self.services.public_url.startswith("https:"),
            httponly=True,
            samesite="lax",
        )

    @property
    def address(self) -> str:
        """Where the visitor comes from."""
        return self.request.client.host if self.request.client else ""


def page(route: str, handler: Handler, needs: Needs = "nobody") -> Callable[[Request], Awaitable[Response]]:
    """Make an endpoint of a handler; `route` is the pattern for the metrics, `needs` says who may come in."""

    async def endpoint(request: Request) -> Response:
        request.scope["context"].route = route
        visit = await entered(request)
        try:
            if request.method == "POST":
                await visit.read()
            refused = _refuse(visit, needs)
            return refused or await handler(visit)
        except LimnerError as error:
            return _error(visit, error)
        except Exception:
            visit.services.telemetry.log.exception("page_failed", route=route)
            return _error(visit, ApiError())

    return endpoint


def _refuse(visit: Visit, needs: Needs) -> Response | None:
    """Send a visitor to sign in where a user is needed; to who is no admin, admins' pages are not there."""
    if needs == "nobody":
        return None
    if visit.session is None:
        back = visit.here if visit.request.method == "GET" else "/console"
        return visit.redirect("/login?" + urlencode({"next": back}))
    if needs == "admin" and not visit.session.is_admin:
        raise NotFound("There is no such page.")
    return None


async def entered(request: Request) -> Visit:
    """Find out who comes, by the session's cookie."""
    services: Services = request.scope["state"]["services"]
    token = request.cookies.get(sessions.cookie_name(services.public_url))
    session = await services.database.read(sessions.find, token) if token else None
    if session is not None and now() - session.seen_at > sessions.TOUCH_EVERY:
        await services.database.write(sessions.touch, session.id)
    return Visit(request, services, session, token)


def _error(visit: Visit, error: LimnerError) -> Response:
    answer = visit.render("error.html", error.status, error=error)
    answer.headers.update(error.headers)
    return answer


def local_path(given: str | None, default: str = "/console") -> str:
    """Give a page of ours to go on to: what was asked for if it is a path here, else the default.

    Browsers read two slashes at the beginning, of either kind, as another host, and drop control characters first.
    """
    if not given or not given.startswith("/") or given[1:2] in {"/", "\\"} or not given.isprintable():
        return default
    parts = urlsplit(given)
    return given if not parts.scheme and not parts.netloc and "\\" not in parts.path else default


def _serializer(services: Services) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(services.secret, salt="once")


def _opened(services: Services, value: str | None) -> dict[str, Any] | None:
    """Read what is to be shown once; None where there is nothing, an empty dict for what does not fit."""
    if value is None:
        return None
    try:
        found = _serializer(services).loads(value, max_age=ONCE_LIFE)
    except BadData:
        return {}
    return found if isinstance(found, dict) else {}
