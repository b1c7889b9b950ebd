"""Variables of the environment that tables name, as `env:NAME`: secrets should not stand in files."""

from __future__ import annotations

import os
import re

VARIABLE = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]*)")


def meant(value: str) -> str | None:
    """Give what a value of a table stands for: what the variable holds that it names, else the value itself.

    None where the variable holds nothing.
    """
    named = VARIABLE.fullmatch(value)
    return (os.environ.get(named[1]) or None) if named else value
