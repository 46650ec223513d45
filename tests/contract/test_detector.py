"""`gameday detect` and a real Prometheus: both are restarted, and the incident is there once."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos.incidents import FILE_NAME, open_incidents
from chaos.model.incidents import Incident
from tests.contract.boxes import DEADLINE, Box, Boxes, wait_until

pytestmark = pytest.mark.containers
PROMETHEUS = "prom/prometheus:v2.53.3"
FAILS_FOR = 35.0  # seconds from the start of the test: through the outage of Prometheus
CONFIG = {
    "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
    "rule_files": ["/etc/prometheus/rules.yml"],
    "scrape_configs": [{"job_name": "itself", "static_configs": [{"targets": ["127.0.0.1:9090"]}]}],
}


@pytest.fixture
def place() -> Iterator[Boxes]:
    boxes = Boxes()
    boxes.open()
    try:
        yield boxes
    finally:
        boxes.close()


def start_prometheus(place: Boxes, folder: Path, until: float) -> Box:
    """Its rule fires from the start on, until the instant ``until``."""
    folder.chmod(0o755)
    rule = {
        "alert": "shelf_down",
        "expr": f"vector(time()) < {until:.0f}",
        "for": "2s",
        "labels": {"severity": "SEV2", "runbook": "01-shelf"},
    }
    watchdog = {"alert": "Watchdog", "expr": "vector(1)", "labels": {"severity": "none"}}
    files = {"prometheus": CONFIG, "rules": {"groups": [{"name": "shelf", "rules": [rule, watchdog]}]}}
    for name, content in files.items():
        (folder / f"{name}.yml").write_text(json.dumps(content), encoding="utf-8")  # JSON is YAML
    mounts = {folder / f"{name}.yml": f"/etc/prometheus/{name}.yml" for name in files}
    box = place.start(PROMETHEUS, ports=(9090,), mounts=mounts)
    wait_until(lambda: box.answers(9090, "/-/ready"), "Prometheus is ready")
    return box


class Detector:
    """The command, each time a process of its own: a detector that was restarted."""

    def __init__(self, reports: Path, box: Box) -> None:
        self._reports, self._box = reports, box
        self._last_url = box.url(9090)

    def read(self) -> int:
        """One reading; its exit code."""
        words = ["detect", "--source", "shelf", "--prometheus", self._url(), "--reports", str(self._reports)]
        return subprocess.run([sys.executable, "-m", "chaos", *words], check=False, timeout=30).returncode

    def incidents(self) -> tuple[Incident, ...]:
        with open_incidents(self._reports / FILE_NAME) as kept:
            return kept.all()

    def _url(self) -> str:
        """A stopped container publishes no port; then the last one, where nothing answers."""
        if self._box.inspect()["Running"]:
            self._last_url = self._box.url(9090)
        return self._last_url

    def found(self, count: int, still_open: bool) -> bool:
        """Read once more: are there so many, and is the newest still open?"""
        assert self.read() == 0
        kept = self.incidents()
        return len(kept) == count and (not kept or kept[-1].open is still_open)


def test_an_incident_through_a_restart_of_prometheus_and_of_the_detector(
    place: Boxes, tmp_path: Path
) -> None:
    until = time.time() + FAILS_FOR
    box = start_prometheus(place, tmp_path, until)
    detector = Detector(tmp_path / "reports", box)
    wait_until(lambda: detector.found(1, still_open=True), "the incident is open")
    (first,) = detector.incidents()

    box.stop()
    assert detector.read() == 3  # it does not answer
    assert detector.incidents() == (first,)
    box.start_again()
    wait_until(lambda: box.answers(9090, "/-/ready"), "Prometheus is ready again")
    wait_until(lambda: fires_again(detector, first), "Prometheus evaluates the alert again")

    wait_until(
        lambda: detector.found(1, still_open=False), "the incident is resolved", within=FAILS_FOR + DEADLINE
    )
    (last,) = detector.incidents()
    assert (last.number, last.fired, last.alert) == (first.number, first.fired, "shelf_down")
    assert last.resolved is not None
    assert until - 1 <= last.resolved <= until + 15


def fires_again(detector: Detector, first: Incident) -> bool:
    """It is the same incident, and was active after the outage as well."""
    assert detector.read() == 0
    (only,) = detector.incidents()
    return only.number == first.number and only.open and only.last_active > first.last_active
