"""One upstream at work: its line, its limits, its state, and one call from the request to the pictures."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
from yarl import URL

from limner.capabilities import Warned
from limner.engines.base import Picture
from limner.engines.openai_images import answers, asking, failures
from limner.engines.openai_images.failures import Failed
from limner.engines.openai_images.routing import Breaker, Pace
from limner.errors import UpstreamError
from limner.lines import Line
from limner.measuring import measured
from limner.outbound import Answer as Fetched
from limner.outbound import Unreachable
from limner.variables import meant

if TYPE_CHECKING:
    from collections.abc import Callable

    from limner.engines.base import Job
    from limner.engines.openai_images.options import Route, UpstreamTable
    from limner.lines import Reply
    from limner.outbound import Outbound
    from limner.room import Occupied, Room

FETCHES = 2
"""How often a picture is fetched that is there already: fetching costs nothing."""

FETCHING = 60.0
MOST_OF_AN_ERROR = 65_536


def printable(text: str) -> str:
    """Take out of a stranger's words what no terminal and no database should get."""
    return "".join(letter for letter in text if letter.isprintable() or letter == "\n")


class Upstream:
    """Somebody else's API, named by the operator; built once for all models that it makes pictures for."""

    def __init__(self, name: str, table: UpstreamTable, *, outbound: Outbound | None, room: Room) -> None:
        """Make it without touching the network; raises `ValueError` for a URL that is none."""
        self.name, self.timeout, self.asked = name, table.timeout, False
        self._table, self._outbound, self._room = table, outbound, room
        self.breaker, self.pace = Breaker(table.failures, table.rest), Pace(table.requests_per_minute)
        self._key = meant(table.key) if table.key else None
        self._slots = asyncio.Semaphore(table.concurrency) if table.concurrency else None
        try:
            self._line = Line(table.url, headers=self._headers())
            origins = {self._line.url.origin(), *(URL(origin).origin() for origin in table.origins)}
            self._origins = {origin: Line(str(origin)) for origin in origins}
        except ValueError as error:
            raise ValueError(f"[upstreams.{name}]: {error}") from error

    def _headers(self) -> dict[str, str]:
        # packing pictures gains nothing and costs time
        headers = {"Accept-Encoding": "identity"}
        headers |= {name: meant(value) or "" for name, value in self._table.headers.items()}
        if self._key is None:
            return headers
        azure = self._table.dialect == "azure"
        return headers | ({"api-key": self._key} if azure else {"Authorization": f"Bearer {self._key}"})

    @property
    def slots(self) -> int:
        """How many calls may be under way at once; 0 means no limit."""
        return self._table.concurrency

    @property
    def full(self) -> bool:
        """Whether as many calls are under way as may be."""
        return self._slots is not None and self._slots.locked()

    @property
    def keyless(self) -> str | None:
        """The variable of the environment that should hold the key and does not."""
        return self._table.key if self._table.key is not None and self._key is None else None

    async def turn(self) -> None:
        """Wait for a free place among its calls."""
        if self._slots is not None:
            await self._slots.acquire()

    def done(self) -> None:
        """Give the place back."""
        if self._slots is not None:
            self._slots.release()

    async def call(self, route: Route, job: Job, preview: Callable[[bytes], None], seconds: float) -> list[Picture]:
        """Have the pictures of a job made, in one call that may take so long; raises `Failed`."""
        if self.keyless is not None:
            raise Failed(UpstreamError(f"The upstream {self.name!r} has no key on this server."), again=True)
        self.asked = True
        asked = asking.asked(route, job)
        body, headers = asking.body_of(route, job, asked.fields)
        if asked.stream:
            headers["accept"] = "text/event-stream"
        try:
            async with self._line.open(
                "POST", self._path(route, job), body=body, headers=headers, seconds=seconds
            ) as reply:
                if not 200 <= reply.status < 300:
                    raise await self._failure(reply, route)
                answer, occupied = await self._read(reply, job, preview)
        except Unreachable as problem:
            raise failures.unreached(problem, self.name) from problem
        return await self._pictures(answer, occupied, route, job, asked)

    def _path(self, route: Route, job: Job) -> str:
        path = asking.PATHS[job.operation]
        if route.deployment is None:
            return path
        return f"/openai/deployments/{route.deployment}{path}?api-version={self._table.api_version}"

    async def _failure(self, reply: Reply, route: Route) -> Failed:
        try:
            said = failures.said(await reply.read(MOST_OF_AN_ERROR))
        except Unreachable:
            said = failures.Said()
        names = {rule.name or name: str(name) for name, rule in route.rules.items()} | {"prompt": "prompt"}
        return failures.answered(
            reply.status,
            reply.headers,
            msgspec.structs.replace(said, message=self._masked(said.message)),
            upstream=self.name,
            names={theirs: ours for theirs, ours in names.items() if theirs not in route.fixed},
            now=datetime.now(UTC),
        )

    def _masked(self, text: str) -> str:
        """Take the key out of what the upstream said; some repeat it."""
        return printable(text.replace(self._key, "…") if self._key else text)

    async def _read(self, reply: Reply, job: Job, preview: Callable[[bytes], None]) -> tuple[answers.Answer, Occupied]:
        """Read the answer, which may be a stream or not, whatever was asked for."""
        if "event-stream" in reply.headers.get("content-type", ""):
            return await answers.streamed(reply, self._room, self.name, preview)
        return await answers.whole(reply, self._room, job.n, self.name)

    async def _pictures(
        self, answer: answers.Answer, occupied: Occupied, route: Route, job: Job, asked: asking.Asked
    ) -> list[Picture]:
        """Make pictures of what came; one that is none is left out where others are."""
        items = [item for item in answer.data if item.b64_json or item.url][: job.n]
        usage = answers.shared(answers.counted(answer.usage), len(items))
        made, failed = list[Picture](), list[Failed]()
        for item, counted in zip(items, usage, strict=True):
            try:
                data, taken = (item.b64_json, occupied) if item.b64_json else await self._fetched(str(item.url))
                picture = self._picture(data, job, asked)
            except Failed as problem:
                failed.append(problem)
                continue
            revised = printable(item.revised_prompt) if isinstance(item.revised_prompt, str) else ""
            version = f"{self.name} {route.model}"
            made.append(
                msgspec.structs.replace(
                    picture, revised_prompt=revised or None, version=version, usage=counted, occupied=taken
                )
            )
        if not made:
            raise failed[0]
        return made

    def _picture(self, data: bytes, job: Job, asked: asking.Asked) -> Picture:
        """Measure what came, and say where it is otherwise than asked for."""
        found = measured(data)
        if found is None:
            raise failures.unreadable(self.name, "answered with what is no picture", status=200)
        warnings = list(asked.warnings)
        if (found.width, found.height) != (job.width, job.height):
            came = f"{found.width}x{found.height} came instead of {job.width}x{job.height}."
            warnings.append(Warned("size", f"What made this picture gave another size: {came}"))
        if found.content_type != f"image/{job.output_format}":
            came = f"{found.content_type} came instead of {job.output_format}."
            warnings.append(Warned("output_format", f"What made this picture gave another format: {came}"))
        return Picture(
            data=data,
            content_type=found.content_type,
            width=found.width,
            height=found.height,
            warnings=tuple(warnings),
            seeded=asked.seeded,
        )

    async def _fetched(self, url: str) -> tuple[bytes, Occupied]:
        """Fetch a picture that lies elsewhere: at the upstream's own address like it, anywhere else with all care."""
        if url.startswith("data:"):
            return self._given(url), await self._room.enter(len(url) * 3 // 4)
        occupied = await self._room.enter(answers.GUESS)
        for left in reversed(range(FETCHES)):
            try:
                answer = await self._get(url)
                if answer.status == 200:
                    occupied.shrink(len(answer.body))
                    return answer.body, occupied
            except (Unreachable, ValueError) as error:
                if not left:
                    raise failures.unreadable(self.name, "gave a link that leads nowhere", status=200) from error
        raise failures.unreadable(self.name, "gave a link that leads nowhere", status=200)

    def _given(self, url: str) -> bytes:
        try:
            return answers.decoded(url)
        except ValueError as error:
            raise failures.unreadable(self.name, "gave a data URL that cannot be read", status=200) from error

    async def _get(self, url: str) -> Fetched:
        target = self._line.url.origin().join(URL(url))
        line = self._origins.get(target.origin())
        if line is not None:
            return await line.ask("GET", target.raw_path_qs, seconds=FETCHING, most=answers.LARGEST)
        if self._outbound is None:
            raise Unreachable("refused", "There is nobody here to ask strangers.")
        return await self._outbound.get(str(target), seconds=FETCHING, most=answers.LARGEST)

    async def probe(self, seconds: float) -> str | None:
        """Ask what models there are, which costs nothing; gives what is wrong, in words, or None."""
        path = "/models" if self._table.dialect == "openai" else f"/openai/models?api-version={self._table.api_version}"
        try:
            answer = await self._line.ask("GET", path, seconds=seconds, most=answers.LARGEST)
        except Unreachable as problem:
            return str(problem)
        if answer.status in {401, 403}:
            return "does not accept the key"
        return f"answers with status {answer.status}" if answer.status >= 500 else None

    async def close(self) -> None:
        """Break off what is under way and let go of all connections."""
        for line in (self._line, *self._origins.values()):
            await line.close()
