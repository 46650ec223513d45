"""The routing of the reference stack under amtool, in Alertmanager's own image."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.unit.alertmanager.cases import ROUTES

pytestmark = pytest.mark.containers
FOLDER = Path(__file__).parents[2] / "stack" / "alertmanager"
IMAGE = "prom/alertmanager:v0.28.1"
# One container for all: starting one takes longer than the tests.
EACH = """
while read -r receiver labels; do
  amtool config routes test --config.file=alertmanager.yml --verify.receivers="$receiver" $labels >/dev/null
  echo "$? $receiver $labels"
done
"""


def in_alertmanager(*words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    mount = ["-v", f"{FOLDER}:/am:ro", "-w", "/am", "--network", "none"]
    command = ["docker", "run", "--rm", "-i", *mount, "--entrypoint", words[0], IMAGE, *words[1:]]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, input=stdin)


def test_the_configuration_is_valid() -> None:
    checked = in_alertmanager("amtool", "check-config", "alertmanager.yml")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_alert_takes_the_route_of_its_severity() -> None:
    lines = [f"{receiver} alertname={alert} severity={severity}" for alert, severity, receiver in ROUTES]
    wrong = "pager alertname=RedisDown severity=WARNING"  # so that a test that always passes is seen
    done = in_alertmanager("sh", "-c", EACH, stdin="\n".join([*lines, wrong]) + "\n")
    assert done.stdout.splitlines() == [*(f"0 {line}" for line in lines), f"1 {wrong}"], done.stderr
