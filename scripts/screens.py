"""Writes `docs/screens/`: every page of the console as it looks, in light and dark, on a phone and on a wide screen.

    python -m scripts.screens          starts a server of its own, fills it with what a user of some days has, and looks

Tests look at the same pages, furnished by the same hands (`furnish`), so a page that is missing here is missing there.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
from PIL import Image
from playwright.sync_api import sync_playwright
from sqlalchemy import bindparam, select, update

from limner.db import transaction
from limner.db.schema import assets as assets_table
from limner.db.schema import tasks as tasks_table
from limner.ids import SECOND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Playwright

FOLDER = Path(__file__).parent.parent / "docs/screens"
WIDTHS = {390: 844, 1440: 900}
SCHEMES = ("light", "dark")
API = "/apis/images-generations"
EDITS = "/apis/images-edits"
PAGES: dict[str, str] = {
    "landing": "/",
    "apis": "/apis",
    "api": f"{API}?quality=hd&seed=11",
    "edits": f"{EDITS}?file={{picture}}&seed=3",
    "guide": "/docs/guide",
    "guide-parameters": "/docs/guide/parameters",
    "reference": "/docs",
    "overview": "/console",
    "credentials": "/console/credentials",
    "credential": "/console/credentials/{credential}",
    "tokens": "/console/tokens",
    "tasks": "/console/tasks",
    "task": "/console/tasks/{task}",
    "task-edited": "/console/tasks/{edited}",
    "callbacks": "/console/callbacks",
    "delivery": "/console/callbacks/{delivery}",
    "inbox": "/inbox/{inbox}",
    "usage": "/console/usage",
    "settings": "/console/settings",
    "admin-users": "/admin/users",
    "admin-user": "/admin/users/{user}",
    "admin-reset": "/admin/users/{user}/reset",
    "admin-invitations": "/admin/invitations",
    "admin-tasks": "/admin/tasks",
    "admin-task": "/admin/tasks/{task}",
    "admin-models": "/admin/models",
    "admin-model": "/admin/models/dall-e-3",
    "admin-deliveries": "/admin/deliveries",
    "admin-nodes": "/admin/nodes",
    "admin-audit": "/admin/audit",
}
"""What a signed-in admin sees, by the name of the picture; words in braces are those of `Furnished.places`."""

DOOR: dict[str, str] = {
    "login": "/login",
    "register": "/register",
    "forgot": "/forgot",
    "reset": "/reset?token={reset}",
    "api-visitor": API,
    "edits-visitor": EDITS,
}
"""What only a visitor sees."""

LOADED = """Promise.all([...document.images].map((image) => {
  image.loading = "eager";
  return image.decode().catch(() => null);
}))"""

PROMPTS = (
    ("a fox with a red scarf reading a book in an autumn forest", {"quality": "hd", "seed": 11}),
    ("a castle on a hill above a lake at sunset, hot air balloons in the sky", {"size": "1792x1024", "seed": 2}),
    ("a lighthouse on a rocky coast in a storm at night", {"quality": "hd", "seed": 4}),
    ("a small robot watering three sunflowers in a garden in the morning", {"model": "gpt-image-1", "seed": 8}),
    ("a red bicycle leaning on a yellow wall", {"model": "dall-e-2", "size": "512x512", "seed": 3}),
    ("two cats and a dog on a sofa", {"style": "natural", "trace_id": "order-4711", "seed": 5}),
)


FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
"""A browser that sees nothing but this machine, also as root."""


def chromium() -> str | None:
    """Find an installed Chromium or Chrome, by the names that `scripts/setup browser` looks for."""
    names = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
    return next((found for found in map(shutil.which, names) if found), None)


def opened(playwright: Playwright, **more: Any) -> Browser:
    """Start the installed browser without a window."""
    return playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS), headless=True, **more)


@dataclass
class Furnished:
    """A server with somebody's work on it: the cookies of its admin, and the ids that paths need."""

    url: str
    cookies: list[dict[str, Any]]
    places: dict[str, str]

    def path(self, name: str) -> str:
        """Give the path of a page with its ids filled in."""
        return PAGES[name].format(**self.places)


def furnish(url: str, email: str = "ada@example.com") -> Furnished:
    """Register somebody (the first user of a server is its admin) and do by HTTP what a user does in some days."""
    with httpx.Client(base_url=url, follow_redirects=True, timeout=120) as browser:
        entered = _register(browser, email)
        key = _found(r"(lim_\w{38})", entered.text)
        headers = {"x-csrf-token": _found(r'data-csrf="(\w+)"', entered.text), "accept": "application/json"}
        inbox = browser.post("/inbox", headers=headers).json()
        with httpx.Client(base_url=url, headers={"authorization": f"Bearer {key}"}, timeout=120) as client:
            task = _work(client, inbox["url"])
            picture, edited = _edit(client, task)
            delivery = _delivered(client)
        user = _found(r"/admin/users/([0-9a-f-]{36})", browser.get("/admin/users").text)
        credential = _found(r"/console/credentials/([0-9a-f-]{36})", browser.get("/console/credentials").text)
        reset = _administer(browser, user)
        cookies = [_cookie(url, name, value) for name, value in browser.cookies.items()]
    places = {
        "task": task,
        "picture": picture,
        "edited": edited,
        "delivery": delivery,
        "inbox": inbox["token"],
        "user": user,
        "credential": credential,
        "reset": reset,
    }
    return Furnished(url, cookies, places)


def _register(browser: httpx.Client, email: str) -> httpx.Response:
    form = browser.get("/register", params={"next": API, "intent": "acquire"})
    csrf = _found(r'name="csrf" value="(\w+)"', form.text)
    fields = {"email": email, "password": "correct horse battery", "next": API, "intent": "acquire", "csrf": csrf}
    return browser.post("/register", data=fields)


def _administer(browser: httpx.Client, user: str) -> str:
    """Do what an admin does: a grant, an invitation, and a link to set a password; give the token of that."""
    page = browser.get(f"/admin/users/{user}").text
    csrf, account = _found(r'name="csrf" value="(\w+)"', page), _found(r"/admin/accounts/([0-9a-f-]{36})/credits", page)
    for path, fields in (
        (f"/admin/accounts/{account}/credits", {"amount": "10", "reason": "for the launch"}),
        ("/admin/invitations", {"email": "grace@example.com"}),
    ):
        browser.post(path, data={**fields, "csrf": csrf}).raise_for_status()
    return _found(r"/reset\?token=([\w-]+)", browser.post(f"/admin/users/{user}/reset", data={"csrf": csrf}).text)


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if found is None:
        raise ValueError(f"there is no {pattern} in what was to hold it")
    return found[1]


def _work(client: httpx.Client, inbox: str) -> str:
    """Make pictures, some that fail and one that is answered later; give the id of the first task."""

    def generate(body: dict[str, Any]) -> str:
        return client.post("/v1/images/generations", json=body).headers["x-task-id"]

    with ThreadPoolExecutor(2) as several:
        made = list(several.map(generate, [{"prompt": prompt, **more} for prompt, more in PROMPTS]))
    generate({"model": "limner-sandbox", "prompt": "fail:moderation_blocked"})
    generate({"model": "limner-sandbox", "prompt": "a card for nobody", "callback_url": "https://hooks.invalid/limner"})
    generate({"model": "limner-sandbox", "prompt": "a card for the inbox", "callback_url": inbox})
    return made[0]


def _edit(client: httpx.Client, task: str) -> tuple[str, str]:
    """Edit the picture of a task; give the name of its file, and the id of the task that edited it."""
    made = client.get(f"/v1/tasks/{task}").json()["response"]["data"][0]["url"]
    picture = urlsplit(made).path.rpartition("/")[2]
    body = {"model": "limner-sandbox", "prompt": "the same scene at night", "images": [{"file_id": picture}]}
    return picture, client.post("/v1/images/edits", json=body | {"seed": 3}).headers["x-task-id"]


def _delivered(client: httpx.Client) -> str:
    """Wait for the callback to be made; give its id."""
    while True:
        found = client.get("/v1/deliveries").json()["data"]
        if found and found[0]["attempt_count"]:
            return str(found[0]["id"])
        threading.Event().wait(0.05)


def _cookie(url: str, name: str, value: str) -> dict[str, Any]:
    return {"name": name, "value": value, "domain": urlsplit(url).hostname, "path": "/"}


def shoot(browser: Browser, furnished: Furnished, folder: Path, *, width: int, scheme: Any) -> None:
    """Take a picture of every page, as long as it is."""
    for cookies, pages in ((furnished.cookies, PAGES), ([], DOOR)):
        context: Any = browser.new_context(
            viewport={"width": width, "height": WIDTHS[width]},
            base_url=furnished.url,
            color_scheme=scheme,
            reduced_motion="reduce",
        )
        context.add_cookies(cookies)
        page = context.new_page()
        for name, path in pages.items():
            page.set_viewport_size({"width": width, "height": WIDTHS[width]})
            page.goto(path.format(**furnished.places))
            page.wait_for_load_state("load")
            # as high as the page, so that what sticks to the window is where it belongs; very long ones are cut
            height = min(page.evaluate("document.documentElement.scrollHeight"), 2600)
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate(LOADED)
            _save(page.screenshot(), folder / f"{name}-{scheme}-{width}.webp")
        context.close()


def _save(picture: bytes, file: Path) -> None:
    Image.open(io.BytesIO(picture)).convert("RGB").save(file, quality=56, method=4)


MODELS = ("dall-e-3", "gpt-image-1", "dall-e-2", "limner-illustrator")


def age(furnished: Furnished, folder: Path) -> None:
    """Put much small work into the weeks before, which HTTP cannot: charts want a past."""
    with httpx.Client(base_url=furnished.url, timeout=120) as client:
        page = client.get(furnished.path("api"), cookies={one["name"]: one["value"] for one in furnished.cookies}).text
        headers = {
            "x-csrf-token": _found(r'data-csrf="(\w+)"', page),
            "x-limner-credential": furnished.places["credential"],
        }
        client.cookies.update({one["name"]: one["value"] for one in furnished.cookies})
        for number in range(60):
            body = {"model": MODELS[number % 7 % 4], "prompt": PROMPTS[number % 6][0], "size": "256x256"}
            client.post("/v1/images/generations", json=body, headers=headers).raise_for_status()
    moved = select(tasks_table.c.id).where(tasks_table.c.request.contains('"size":"256x256"'))
    with transaction(f"sqlite:///{folder / 'limner.db'}") as tx:
        for number, row in enumerate(tx.all(moved)):
            back = (number * 7 % 26 + 1) * 86_400 * SECOND + number * 700 * SECOND
            tx.run(_AGE_TASK, which=row["id"], back=back)
            tx.run(_AGE_ASSET, which=row["id"], back=back)


_AGE_TASK = (
    update(tasks_table)
    .where(tasks_table.c.id == bindparam("which"))
    .values({name: tasks_table.c[name] - bindparam("back") for name in ("created_at", "started_at", "finished_at")})
)
_AGE_ASSET = (
    update(assets_table)
    .where(assets_table.c.task_id == bindparam("which"))
    .values(created_at=assets_table.c.created_at - bindparam("back"))
)


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Run a server with its data in a folder for the length of a block."""
    command = [sys.executable, "-m", "limner", "serve", "--port", "0", "--data", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as process:
        try:
            yield _found(r"(http://\S+)/v1", next(line for line in process.stdout or () if "/v1" in line))
        finally:
            process.terminate()


def index() -> str:
    """Write the page that shows the pictures: each on a wide screen in light, on a phone in dark; links to the rest."""
    parts = [
        "# How the console looks\n",
        "Made by `python -m scripts.screens`: each page in light and dark, 390 and 1440 px wide; long ones are cut.\n",
    ]
    for name, path in {**PAGES, **DOOR}.items():
        others = [f"{scheme}-{width}" for width in WIDTHS for scheme in SCHEMES]
        links = " · ".join(f"[{one.replace('-', ', ')} px]({name}-{one}.webp)" for one in others)
        pictures = (
            f'<img src="{name}-light-1440.webp" width="620" alt="{name}, light, on a wide screen"> '
            f'<img src="{name}-dark-390.webp" width="168" alt="{name}, dark, on a phone">'
        )
        parts.append(f"## {name}\n\n`{path.partition('?')[0]}` · {links}\n\n{pictures}\n")
    return "\n".join(parts)


def main() -> None:
    """Write all pictures anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "README.md").write_text(index(), "utf-8")
    with tempfile.TemporaryDirectory() as made, serving(Path(made)) as url, sync_playwright() as playwright:
        furnished = furnish(url)
        age(furnished, Path(made))
        browser = opened(playwright)
        for width in WIDTHS:
            for scheme in SCHEMES:
                shoot(browser, furnished, FOLDER, width=width, scheme=scheme)
        browser.close()


if __name__ == "__main__":
    main()
