"""OpenVINO without its telemetry, which is on as it comes. Whoever needs OpenVINO here imports it from this room.

At its mere import the library would report to a stranger's server, from a process that it forks; in a worker, which
reads its input in another thread, that copy hangs for ever and keeps the worker's pipes open.
"""

import sys

sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # cannot be imported: OpenVINO goes without

import openvino as ov  # noqa: E402 - after the line above
import openvino_genai as genai  # noqa: E402

__all__ = ["genai", "ov"]
