"""Locust and gevent stay in the process of the load."""

import subprocess
import sys


def test_the_harness_side_loads_neither_locust_nor_gevent() -> None:
    code = (
        "import sys, chaos.load.process, chaos.load.fill, chaos.load.client, chaos.load.schedule;"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'locust', 'gevent'}))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True
    )
    assert answer.stdout.strip() == "[]"
