"""``gameday detect`` and ``gameday incidents``: an outage of Prometheus, the drills, the report."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from chaos.adapters.alert_history import AlertHistory
from chaos.app.command_context import CommandContext
from chaos.app.detector import Detector
from chaos.cli import main
from chaos.errors import ToolProblem
from chaos.incidents import FILE_NAME, open_incidents
from chaos.model.incidents import AlertReading
from tests.corpus.archive import unpack
from tests.fakes import ManualClock
from tests.unit.incidents.fake_prometheus import FakePrometheus


class Reads(AlertHistory):
    """Readings of a Prometheus of arithmetic, at instants that the test sets."""

    def __init__(self, prometheus: FakePrometheus) -> None:
        super().__init__("http://127.0.0.1:1")
        self.prometheus = prometheus
        self.now = 0.0

    async def read(self, after: float | None, lookback: float) -> AlertReading:
        reading = self.prometheus.read(after, self.now)
        if reading is None:
            raise ToolProblem("Prometheus does not answer /api/v1/query: refused")
        return reading


class Desk:
    def __init__(self, cwd: Path) -> None:
        self.cwd = cwd
        self.out, self.err = io.StringIO(), io.StringIO()

    @property
    def context(self) -> CommandContext:
        return CommandContext(
            out=self.out, err=self.err, env={}, cwd=self.cwd, clock=ManualClock(wall=1_796_000_000.0)
        )

    def call(self, *words: str) -> tuple[int, str, str]:
        self.out, self.err = io.StringIO(), io.StringIO()
        code = main(list(words), self.context)
        return code, self.out.getvalue(), self.err.getvalue()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


async def test_an_outage_is_said_once_and_costs_no_incident(desk: Desk) -> None:
    reads = Reads(FakePrometheus(failures=[(100, 2000)], outages=[(600, 900)]))
    with open_incidents(desk.cwd / FILE_NAME) as incidents:
        detector = Detector(incidents, "p", 3600.0, desk.context)
        for reads.now in (300, 650, 700, 1000, 1500, 4000):
            await detector.read_if_it_answers(reads)
        (one,) = incidents.all()
    assert (one.fired, one.resolved) == (160.0, 2000.0)
    said = desk.out.getvalue().splitlines()
    assert [line.split()[0] for line in said] == ["opened", "resolved"]
    assert "INC-19700101-001, SEV2, shelf_down" in said[0]
    assert "over after 31 min 40 s, runbook 01-shelf" in said[1]
    printed = desk.err.getvalue()
    assert printed.count("does not answer") == 1
    assert printed.count("gameday: Prometheus answers again") == 1


async def test_the_only_reading_must_be_answered(desk: Desk) -> None:
    reads = Reads(FakePrometheus(outages=[(0, 100)]))
    with open_incidents(desk.cwd / FILE_NAME) as incidents, pytest.raises(ToolProblem):
        await Detector(incidents, "p", 3600.0, desk.context).read(reads)


@pytest.mark.parametrize("address", ["http://10.0.0.1:9090", "https://127.0.0.1:9090", "here"])
def test_only_a_prometheus_of_this_machine_is_read(desk: Desk, address: str) -> None:
    code, _, printed = desk.call("detect", "--prometheus", address)
    assert code == 4
    assert printed == (
        "--prometheus: expected http://127.0.0.1:PORT, the address of a Prometheus on this machine,"
        f" got {address!r}\n"
    )


@pytest.mark.parametrize("words", [["detect", "--interval", "30"], ["incidents", "--since", "0s"]])
def test_a_duration_has_a_unit_and_is_above_zero(desk: Desk, words: list[str]) -> None:
    code, _, printed = desk.call(*words)
    assert code == 4
    assert "expected a duration" in printed


def test_without_a_list_the_report_says_who_makes_it(desk: Desk) -> None:
    code, _, printed = desk.call("incidents")
    assert code == 4
    assert "the list of incidents does not exist (gameday detect creates it" in printed


def test_the_alerts_of_a_stored_run_are_drills_in_every_format(desk: Desk) -> None:
    unpack("database-down", desk.cwd)
    code, said, _ = desk.call("detect", "--run", "database-down")
    assert code == 0
    assert "SEV2  database_connection_failures  detected after 4.5 s" in said
    code, said, printed = desk.call("incidents", "--since", "3000d", "--json", "--into", "pages")
    assert code == 0
    found = json.loads(said)
    assert (found["real"]["incidents"], found["drills"]["incidents"]) == (0, 2)
    assert found["real"]["recover"] == {"seconds": None, "of": 0}
    assert sorted(path.name for path in (desk.cwd / "pages").iterdir()) == [
        "incidents.html",
        "incidents.json",
        "incidents.md",
    ]
    assert "written: pages/incidents.html" in printed
    page = (desk.cwd / "pages" / "incidents.html").read_text()
    assert "01-database-down" in page
    assert "<script" not in page
    assert "| DRL-" in (desk.cwd / "pages" / "incidents.md").read_text()


def test_a_mark_changes_the_accuracy(desk: Desk) -> None:
    unpack("database-down", desk.cwd)
    desk.call("detect", "--run", "database-down")
    number = json.loads(desk.call("incidents", "--since", "3000d", "--json")[1])["incidents"][0]["number"]
    code, said, _ = desk.call("incidents", "--since", "3000d", "--false", number)
    assert code == 0
    assert "1 true, 1 false, 0 not judged" in said
    code, _, printed = desk.call("incidents", "--true", number, "--false", number)
    assert (code, "expected --true or --false, got both" in printed) == (4, True)


def test_a_run_without_a_record_of_its_alerts_is_no_drill_without_incidents(desk: Desk) -> None:
    unpack("damaged-metrics-gone", desk.cwd)
    code, _, printed = desk.call("detect", "--run", "damaged-metrics-gone")
    assert code == 2
    assert "its alerts were not recorded, so gameday kept no incident" in printed
