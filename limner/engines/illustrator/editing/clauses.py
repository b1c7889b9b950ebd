"""An instruction cut into clauses: what is to be done, and with what.

The verbs are English; the words for things, colours, places and hours are the vocabulary's, in all its languages. What
stands in quotes is never looked into.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from limner.engines.illustrator.language.lettering import QUOTED
from limner.engines.illustrator.language.tokens import clean

Kind = Literal["add", "remove", "replace", "make", "move", "say"]

MOST_CLAUSES = 24
_VEIL = "\ufffc"
_REMOVE = (
    r"(?:remove|delete|erase|eliminate|hide|get\s+rid\s+of|take\s+(?:away|out|off|down)|wipe\s+(?:out|away)|"
    r"cut\s+out|lose|clear\s+away|with\s+no|without|no\s+more|there\s+should\s+be\s+no|no)"
)
_REPLACE = r"(?:replace|swap|exchange|substitute|turn|change|transform|convert|make|switch)"
_MAKE = (
    r"(?:make|turn|colou?r|paint|repaint|dye|recolou?r|tint|change|set|render|redraw|restyle|convert|transform|switch|"
    r"give|have|let)"
)
_ADD = r"(?:add|insert|include|put|place|draw|show|write|bring\s+in|hang|there\s+should\s+be|letter|print)"
_MOVE = r"(?:move|shift|bring|relocate|transfer|send|take)"
_KEEP = r"(?:keep|leave|preserve|don'?t\s+(?:change|touch|alter)|do\s+not\s+(?:change|touch|alter))"
_VERB = rf"(?:{_REMOVE}|{_REPLACE}|{_MAKE}|{_ADD}|{_MOVE}|{_KEEP}|crop|extend|expand|outpaint|flip|mirror|rotate|frame)"
_POLITE = re.compile(
    r"^(?:\s|[,;.!?:]|(?:please|kindly|now|also|then|just|and|but|again|can\s+you|could\s+you|would\s+you|will\s+you|"
    r"i\s+want\s+(?:you\s+)?to|i\s+would\s+like\s+(?:you\s+)?to|i'd\s+like\s+(?:you\s+)?to|i\s+want|i'd\s+like|"
    r"let'?s|edit\s+(?:it|this|the\s+(?:image|picture|photo))\s+(?:so\s+that|to)|so\s+that)\b)+",
    re.IGNORECASE,
)
_CUT = re.compile(
    rf"\s*[,;.!?\n]+\s*|\s+(?:and|then|but|while|&)\s+(?:(?:then|also|please|now|just)\s+)*(?={_VERB}\b)"
    r"|\s+(?:and\s+)?(?=(?:without|with\s+no)\b)",
    re.IGNORECASE,
)
_WHOLE = (
    r"(?:it|this|that|everything|all|them|the\s+(?:whole\s+)?(?:picture|image|photo(?:graph)?|painting|drawing|"
    r"illustration|scene|thing|time|hour|weather|light|lighting|style|medium|setting|place|season|season|look|"
    r"mood|colou?rs|palette|time\s+of\s+day)|(?:this|that|my)\s+(?:picture|image|photo(?:graph)?|painting|scene))"
)
_OF_WHOLE = re.compile(
    rf"^{_WHOLE}\s+(?:look\s+(?:like|as\s+if\s+it\s+(?:was|were|is))?|appear|be|to\s+be|into|to|as)?\s*(?P<rest>.+)$",
    re.IGNORECASE | re.DOTALL,
)
DOING = {
    "wear": "wearing", "hold": "holding", "read": "reading", "ride": "riding", "play": "playing", "carry": "holding",
    "sit on": "sitting on", "stand on": "standing on", "sit in": "in",
}  # fmt: skip
_NOWHERE = r"(?:left|right|side|top|bottom|back|front|middle|cent(?:re|er)|background|foreground|sky)"
_RULES: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE | re.DOTALL))  # type: ignore[misc]  # the kinds are those of the table
    for kind, pattern in (
        (
            "replace",
            r"^(?:draw|use|show|put|paint|have)?\s*(?P<new>.+?)\s+(?:instead\s+of|in\s+place\s+of)\s+(?P<old>.+)$",
        ),
        (
            "replace",
            r"^(?:replace|swap|exchange|substitute)\s+(?P<old>.+?)\s+(?:out\s+)?(?:with|by|for)\s+(?P<new>.+)$",
        ),
        ("remove", r"^take\s+(?P<old>.+?)\s+(?:away|out|off)$"),
        ("remove", rf"^{_REMOVE}\s+(?P<old>.+)$"),
        ("move", rf"^{_MOVE}\s+(?P<old>.+)$"),
        ("make", rf"^(?:make|let|have)\s+(?P<old>.+?)\s+(?P<doing>{'|'.join(DOING)})s?\s+(?P<new>.+)$"),
        (
            "make",
            rf"^{_ADD}\s+(?P<new>.+?)(?<!next)(?<!close)(?<!beside)\s+(?P<give>to)\s+(?P<old>(?!{_WHOLE}\b|(?:the\s+|its\s+)?{_NOWHERE}).+)$",
        ),
        ("make", r"^(?P<give>give)\s+(?P<old>(?:the|this|that|his|her|its|each|every)?\s*\S+)\s+(?P<new>.+)$"),
        ("replace", rf"^{_REPLACE}\s+(?P<old>.+?)\s+(?:in)?to\s+(?:be\s+)?(?P<new>.+)$"),
        ("replace", r"^(?:make|turn)\s+(?P<old>(?:the|this|that)\s+.+?)\s+(?P<new>an?\s+.+)$"),
        ("make", rf"^{_MAKE}\s+(?P<old>.+)$"),
        ("add", rf"^{_ADD}\s+(?P<new>.+)$"),
    )
)


class Clause(NamedTuple):
    """One thing to do: `old` is what the picture shows and what it is to be, `new` what comes into it.

    `whole` tells that something is said of the picture as a whole. `text` is the clause as it was written.
    """

    kind: Kind
    text: str
    old: str = ""
    new: str = ""
    whole: bool = False


def clauses(instruction: str) -> list[Clause]:
    """Cut an instruction into clauses, without those that only ask to keep the rest."""
    text = clean(instruction)
    found: list[Clause] = []
    for part in _parts(text)[:MOST_CLAUSES]:
        bare = part[match.end() :] if (match := _POLITE.match(part)) else part
        bare = bare.strip()
        if not bare or re.match(rf"{_KEEP}\b", bare, re.IGNORECASE):
            continue
        found.append(_continued(_clause(bare), found))
    return found


def _parts(text: str) -> list[str]:
    """Cut at commas, stops, and joints before a verb; never within quotes."""
    veiled = QUOTED.sub(lambda match: _VEIL * len(match[0]), text)
    parts, start = [], 0
    for cut in _CUT.finditer(veiled):
        parts.append(text[start : cut.start()])
        start = cut.end()
    return [*parts, text[start:]]


def _clause(text: str) -> Clause:
    veiled = QUOTED.sub(lambda match: _VEIL * len(match[0]), text)
    for kind, rule in _RULES:
        match = rule.match(veiled)
        if match is None:
            continue
        named = match.groupdict()
        old, new = (text[slice(*match.span(name))] if named.get(name) else "" for name in ("old", "new"))
        doing = "with" if named.get("give") else DOING.get((named.get("doing") or "").lower())
        if doing:
            return Clause("make", text, old=f"{old} {doing} {new}")
        return _of_whole(Clause(kind, text, old, new))
    return Clause("say", text, new=text)


def _of_whole(clause: Clause) -> Clause:
    """Tell what is said of the picture as a whole: "make it night", "turn the picture into a watercolour"."""
    if clause.kind == "replace" and re.fullmatch(_WHOLE, clause.old, re.IGNORECASE):
        return Clause("say", clause.text, new=clause.new, whole=True)
    match = _OF_WHOLE.match(clause.old) if clause.kind in ("make", "move") else None
    return Clause("say", clause.text, new=match["rest"], whole=True) if match else clause


def _continued(clause: Clause, before: list[Clause]) -> Clause:
    """Let a list go on after a comma: "remove the tree, the boat", "add a dog, two birds"."""
    last = before[-1] if before else None
    if clause.kind == "say" and not clause.whole and last is not None and last.kind in ("add", "remove"):
        listed = re.match(
            r"(?:the|a|an|two|three|four|five|six|his|her|its|their|another|some)\b", clause.text, re.IGNORECASE
        )
        if listed:
            old, new = ("", clause.text) if last.kind == "add" else (clause.text, "")
            return Clause(last.kind, clause.text, old, new)
    return clause
