"""On the path of every Python process of a run: its wall clock is off by what a file says.

libfaketime cannot do this to Python: it moves the monotonic clock too, or breaks ``time.sleep``.
``datetime`` is not moved; the harness takes its instants from ``time``.
"""

import os
import time

_OFFSET_FILE = os.environ.get("SELF_CHAOS_CLOCK", "")
_time, _time_ns = time.time, time.time_ns


def _offset() -> float:
    """Seconds; none while the file is not there."""
    try:
        with open(_OFFSET_FILE, encoding="utf-8") as stream:
            return float(stream.read() or 0)
    except OSError:
        return 0.0


if _OFFSET_FILE:
    time.time = lambda: _time() + _offset()
    time.time_ns = lambda: _time_ns() + int(_offset() * 1e9)
