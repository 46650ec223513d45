"""`gameday detect` and a real Prometheus: both are restarted, and the incident is there once."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from chaos.errors import ExitCode
from chaos.incidents import FILE_NAME, open_incidents
from chaos.model.incidents import Incident
from chaos.setup.commands import must, run_program
from tests.contract.boxes import Box, Boxes, wait_until

pytestmark = pytest.mark.containers
PROMETHEUS = "prom/prometheus:v2.53.3"
PATIENCE = 60.0  # seconds for each step of the test; the rule fires until the test ends it
EVALUATED_EVERY = 1.0
HOLE = 2.5  # seconds without a sample after which the detector takes Prometheus for stopped
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


def start_prometheus(place: Boxes, folder: Path) -> Box:
    """Its rule fires from the start on."""
    folder.chmod(0o755)
    (folder / "prometheus.yml").write_text(json.dumps(CONFIG), encoding="utf-8")  # JSON is YAML
    write_rules(folder, math.inf)
    mounts = {folder / f"{name}.yml": f"/etc/prometheus/{name}.yml" for name in ("prometheus", "rules")}
    box = place.start(PROMETHEUS, ports=(9090,), mounts=mounts)
    wait_until(lambda: box.answers(9090, "/-/ready"), "Prometheus is ready", within=PATIENCE)
    return box


def write_rules(folder: Path, until: float) -> None:
    """The rule fires until this instant. In place: the container holds the file, not its name."""
    rule = {
        "alert": "shelf_down",
        "expr": f"vector(time()) < {until:.3f}",
        "for": "2s",
        "labels": {"severity": "SEV2", "runbook": "01-shelf"},
    }
    watchdog = {"alert": "Watchdog", "expr": "vector(1)", "labels": {"severity": "none"}}
    groups = {"groups": [{"name": "shelf", "rules": [rule, watchdog]}]}
    (folder / "rules.yml").write_text(json.dumps(groups), encoding="utf-8")


def instants(box: Box, selector: str) -> list[float]:
    """The instants of all samples of these series that Prometheus holds."""
    params = {"query": f"{selector}[1h]"}
    answer = httpx.get(f"{box.url(9090)}/api/v1/query", params=params, timeout=30).raise_for_status()
    return sorted(at for series in answer.json()["data"]["result"] for at, _ in series["values"])


class Detector:
    """The command, each time a process of its own: a detector that was restarted."""

    def __init__(self, reports: Path, box: Box) -> None:
        self._reports, self._box = reports, box
        self._last_url = box.url(9090)

    def read(self) -> int:
        """One reading; its exit code."""
        words = ["detect", "--source", "shelf", "--prometheus", self._url(), "--reports", str(self._reports)]
        command = [sys.executable, "-m", "chaos", *words]
        return subprocess.run(command, check=False, timeout=PATIENCE).returncode

    def has_read(self) -> bool:
        """One reading; False: Prometheus did not answer in time."""
        code = self.read()
        assert code in (ExitCode.PASS, ExitCode.HARNESS)
        return code == ExitCode.PASS

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
        if not self.has_read():
            return False
        kept = self.incidents()
        return len(kept) == count and (not kept or kept[-1].open is still_open)


def test_an_incident_through_a_restart_of_prometheus_and_of_the_detector(
    place: Boxes, tmp_path: Path
) -> None:
    box = start_prometheus(place, tmp_path)
    detector = Detector(tmp_path / "reports", box)
    wait_until(lambda: detector.found(1, still_open=True), "the incident is open", within=PATIENCE)
    (first,) = detector.incidents()

    box.stop()
    assert detector.read() == ExitCode.HARNESS  # it does not answer
    assert detector.incidents() == (first,)
    box.start_again()
    wait_until(lambda: box.answers(9090, "/-/ready"), "Prometheus is ready again", within=PATIENCE)
    wait_until(lambda: fires_again(detector, first), "Prometheus evaluates it again", within=PATIENCE)

    write_rules(tmp_path, until=time.time() + 3)
    must(run_program(["docker", "kill", "--signal", "HUP", box.identity]), "reload the rules")
    wait_until(lambda: detector.found(1, still_open=False), "the incident is resolved", within=PATIENCE)
    (last,) = detector.incidents()
    assert (last.number, last.fired, last.alert) == (first.number, first.fired, "shelf_down")
    assert_resolved_when_it_ended(last, box)


def assert_resolved_when_it_ended(last: Incident, box: Box) -> None:
    """At the evaluation after the last one at which the alert was active, by Prometheus's own samples. If
    Prometheus stood still meanwhile, that evaluation proves nothing, and the incident ends at the scrape that
    proves it.
    """
    assert last.resolved is not None
    ended = instants(box, 'ALERTS{alertname="shelf_down"}')[-1]
    scrapes = [at for at in instants(box, "up") if ended < at <= last.resolved + 0.001]
    if any(later - earlier > HOLE for earlier, later in pairwise([ended, *scrapes])):
        assert last.resolved == pytest.approx(scrapes[-1], abs=0.001)
    else:
        assert last.resolved == pytest.approx(ended + EVALUATED_EVERY, abs=0.001)


def fires_again(detector: Detector, first: Incident) -> bool:
    """It is the same incident, and was active after the outage as well."""
    if not detector.has_read():
        return False
    (only,) = detector.incidents()
    return only.number == first.number and only.open and only.last_active > first.last_active
