"""What this process may use of the machine it runs on."""

from __future__ import annotations

import math
import os
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")


def cores(cgroup: Path = CGROUP) -> int:
    """Say how many cores this process may keep busy: those it may run on, or fewer where a container has a quota.

    The quota is the one of Linux's control groups, version 2 (`cpu.max`) or 1 (`cpu.cfs_quota_us`), seen from inside.
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, math.ceil(min(allowed, _quota(cgroup))))


def _quota(cgroup: Path) -> float:
    """Give the quota in cores; infinity where there is none."""
    try:
        if (cgroup / "cpu.max").exists():
            most, period = (cgroup / "cpu.max").read_text("ascii").split()
        else:
            most = (cgroup / "cpu" / "cpu.cfs_quota_us").read_text("ascii")
            period = (cgroup / "cpu" / "cpu.cfs_period_us").read_text("ascii")
        return int(most) / int(period) if int(most) > 0 else math.inf
    except (OSError, ValueError):  # no control groups, or "max"
        return math.inf
