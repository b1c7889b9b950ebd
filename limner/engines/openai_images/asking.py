"""From a job to the request of one upstream: what it takes is sent under its names, what it does not is told.

What changes the picture and cannot be asked for makes a way unfit for the job (`lacking`); what only shades it is
left out and told in a warning.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import aiohttp
import msgspec

from limner.capabilities import QUALITIES, Warned
from limner.engines.openai_images.options import Rule

if TYPE_CHECKING:
    from limner.engines.base import Job
    from limner.engines.openai_images.families import Name
    from limner.engines.openai_images.options import Route

PATHS = {"generate": "/images/generations", "edit": "/images/edits", "vary": "/images/variations"}
_ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}
Body = bytes | aiohttp.Payload


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A request as it is sent: its fields, whether the answer is a stream and the seed is in it, and what is not."""

    fields: dict[str, Any]
    stream: bool
    seeded: bool
    warnings: tuple[Warned, ...]


def lacking(route: Route, job: Job) -> tuple[str, str] | None:
    """Say what of a job this way does not offer and must not be left out: the parameter and a name for it."""
    takes = route.rules
    missing = {
        ("model", f"image {job.operation}s"): job.operation not in route.operations,
        ("image", f"more than {route.inputs} pictures"): len(job.images) > route.inputs,
        ("mask", "a mask"): job.mask is not None and "mask" not in takes,
        ("background", "a transparent background"): job.background == "transparent" and "background" not in takes,
        ("output_format", job.output_format): job.output_format != "png" and "output_format" not in takes,
        ("input_fidelity", "input_fidelity"): job.input_fidelity == "high" and "input_fidelity" not in takes,
    }
    return next((what for what, lacks in missing.items() if lacks), None)


def asked(route: Route, job: Job) -> Asked:
    """Write the request for a job, in the upstream's words."""
    warnings: list[Warned] = []
    fields: dict[str, Any] = {} if route.deployment else {"model": route.model}
    if job.operation != "vary":
        # half a surrogate pair has no bytes to send
        fields["prompt"] = job.prompt.encode("utf-8", "replace").decode()
    for name, value in _wanted(job).items():
        rule = route.rules.get(name)
        if value == _DEFAULTS.get(name) and (rule is None or str(value) not in rule.values):
            continue
        if rule is not None:
            fields[rule.name or name] = rule.values.get(str(value), value)
        elif name in _SHADES:
            warnings.append(Warned(name, f"What made this picture does not take {name!r}; it had no effect."))
    _quality(route, job, fields, warnings)
    stream = route.streams and job.partial_images > 0 and job.n == 1
    if stream:
        fields |= {"stream": True, "partial_images": job.partial_images}
    return Asked(fields=fields | route.fixed, stream=stream, seeded="seed" in route.rules, warnings=tuple(warnings))


_SHADES = frozenset({"style", "moderation", "output_compression"})
"""What may be left out with a warning."""

_DEFAULTS: dict[Name, str] = {"style": "vivid", "moderation": "auto", "output_format": "png", "background": "opaque"}
"""What need not be said: every upstream does so where nothing is said."""


def _wanted(job: Job) -> dict[Name, Any]:
    """Give what a job says in parameters of the dialect, but for its quality."""
    wanted: dict[Name, Any] = {
        "size": f"{job.width}x{job.height}",
        "style": job.style,
        "seed": job.seed,
        "response_format": "b64_json",
        "output_format": job.output_format,
        "background": job.background,
    }
    if job.output_format != "png" and job.output_compression != 100:
        wanted["output_compression"] = job.output_compression
    if job.n > 1:
        wanted["n"] = job.n
    if job.operation == "edit" and job.input_fidelity is not None:
        wanted["input_fidelity"] = job.input_fidelity
    return wanted | {name: value for name, value in _told(job).items() if value is not None}


def _told(job: Job) -> dict[Name, Any]:
    return {"moderation": job.moderation, "user": job.user}


def _quality(route: Route, job: Job, fields: dict[str, Any], warnings: list[Warned]) -> None:
    """Put the quality into the upstream's words; `auto` is the one that was priced, where there is a word for it."""
    rule, word = route.rules.get("quality"), job.asked_quality
    if rule is None:
        if word != "auto":
            warnings.append(Warned("quality", "What made this picture knows no qualities; it had no effect."))
        return
    theirs = rule.values.get(word, rule.values.get(job.quality) if word == "auto" else word)
    if theirs is None:
        return
    fields[rule.name or "quality"] = theirs
    if word != "auto" and QUALITIES.get(str(theirs), job.quality) != job.quality:
        warnings.append(Warned("quality", f"What made this picture has no {word!r}; it was asked for {theirs!r}."))


def body_of(route: Route, job: Job, fields: dict[str, Any]) -> tuple[Body, dict[str, str]]:
    """Write the body and its headers: JSON, or a form with the pictures. It can be sent once."""
    if job.operation == "generate":
        return msgspec.json.encode(fields), {"content-type": "application/json"}
    form = aiohttp.FormData()
    for name, value in fields.items():
        form.add_field(name, _text(value))
    told = route.rules.get("image", Rule()).name
    name = told or ("image" if len(job.images) == 1 else "image[]")
    for number, one in enumerate(job.images):
        # as a file, because large bytes as such are sent in one go
        file = f"image-{number}.{_ENDINGS.get(one.content_type, 'bin')}"
        form.add_field(name, io.BytesIO(one.data), filename=file, content_type=one.content_type)
    if job.mask is not None:
        name = route.rules.get("mask", Rule()).name or "mask"
        form.add_field(name, io.BytesIO(job.mask), filename="mask.png", content_type="image/png")
    return form(), {}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
