"""The ten runbooks are whole, a test types every command, and alerts and scenarios lead to them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TypedDict

import pytest
import yaml

from chaos.model.incidents import severity_of
from tests.runbook_commands import ROOT, RUNBOOKS, When, blocks_of, numbered, own_text, unmarked
from tests.stack.runbook_faults import FAULTS, SAMPLE

SECTIONS = [  # of the incident guide
    "Symptoms",
    "Detection",
    "Impact assessment",
    "Immediate actions",
    "Investigation",
    "Resolution steps",
    "Validation",
    "Communication templates",
    "Post-incident",
]
GUIDE = {  # runbook -> severity and RTO, as the incident guide has them
    "01-database-down": ("CRITICAL", "15 min"),
    "02-high-api-latency": ("HIGH", "30 min"),
    "03-memory-leak": ("HIGH", "1 h"),
    "04-disk-space-critical": ("CRITICAL", "15 min"),
    "05-pms-integration-failure": ("HIGH", "30 min"),
    "06-whatsapp-api-outage": ("HIGH", "1 h"),
    "07-redis-connection-issues": ("MEDIUM", "30 min"),
    "08-high-error-rate": ("CRITICAL", "15 min"),
    "09-circuit-breaker-open": ("MEDIUM", "30 min"),
    "10-deployment-failure": ("CRITICAL", "15 min"),
}
STACK = ROOT / "stack" / "prometheus"
RESPONSE = yaml.safe_load((ROOT / "chaos" / "gameday" / "response.yaml").read_text(encoding="utf-8"))
LONG = {"m": "minutes", "h": "hours"}
BOOKS = pytest.mark.parametrize("path", numbered(), ids=lambda path: path.stem)


class Rule(TypedDict):
    alert: str
    labels: dict[str, str]
    annotations: dict[str, str]


def rules() -> list[Rule]:
    files = sorted(STACK.glob("rules*.yml"))
    groups = [group for file in files for group in yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]]
    return [rule for group in groups for rule in group["rules"]]


def scenarios() -> list[Path]:
    """Those of the stack: files with a timeline of faults or a rehearsed procedure."""
    found = sorted((ROOT / "scenarios").glob("*/*.yaml"))
    return [path for path in found if path.read_text(encoding="utf-8").find("\nscenario: ") >= 0]


def test_there_are_the_ten_of_the_guide() -> None:
    assert [path.stem for path in numbered()] == list(GUIDE)


@BOOKS
def test_each_has_the_nine_sections_in_order_its_severity_and_its_rto(path: Path) -> None:
    text = own_text(path)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS
    for name, section in zip(SECTIONS, re.split(r"^## .+$", text, flags=re.MULTILINE)[1:], strict=True):
        assert section.strip(), f"{name} is empty"
    word, rto = GUIDE[path.stem]
    assert f"Severity {word} ({severity_of(word)})" in text
    assert f"RTO {rto}" in text


@BOOKS
def test_each_command_is_typed_by_a_test_in_a_fault(path: Path) -> None:
    assert unmarked(path) == []
    blocks = blocks_of(path)
    assert {block.fault for block in blocks} <= set(FAULTS)
    for fault in {block.fault for block in blocks}:
        order = [block.when for block in blocks if block.fault == fault]
        assert order == sorted(order, key=list(When).index), f"{fault}: it is shown, ended, validated"
        assert set(order) == set(When), f"{fault}: {set(When) - set(order)} is missing"
    for block in blocks:
        assert bool(block.shows) == (block.when is not When.ENDS)
        re.compile(block.shows)


def test_no_fault_is_left_that_no_runbook_deals_with_and_the_sample_has_one_of_each() -> None:
    faults = {block.fault: path.stem for path in numbered() for block in blocks_of(path)}
    assert set(faults) == set(FAULTS)
    assert {faults[name] for name in SAMPLE} == set(GUIDE)


@BOOKS
def test_the_deadlines_of_communication_are_those_of_the_severity(path: Path) -> None:
    severity = str(severity_of(GUIDE[path.stem][0]))
    text = own_text(path)
    assert f"respond within {written(RESPONSE['severities'][severity]['respond_within'])}" in text
    deadlines = RESPONSE["communication"][severity]
    assert f"internal alert within {written(deadlines['internal_alert'])}" in text
    if "status_page" in deadlines:
        assert f"status page within {written(deadlines['status_page'])}" in text
        assert f"management within {written(deadlines['management'])}" in text
        assert f"A last message within {written(deadlines['post_resolution'])} after" in text
    if severity == "SEV1":
        assert f"a call to enterprise customers within {written(deadlines['enterprise_call'])}" in text
        assert f"e-mail to customers within {written(deadlines['customer_email'])}" in text
        assert "call the incident commander at once" in text


def written(duration: str) -> str:
    """``30m`` as ``30 minutes``, ``1h`` as ``1 hour``."""
    number, unit = duration[:-1], LONG[duration[-1]]
    return f"{number} {unit.removesuffix('s') if number == '1' else unit}"


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: f"{rule['alert']}-{rule['labels']['severity']}")
def test_each_alert_links_a_runbook_that_exists_and_names_it(rule: Rule) -> None:
    url = rule["annotations"]["runbook_url"]
    assert url == f"docs/runbooks/{rule['labels']['runbook']}.md"
    assert (ROOT / url).is_file()
    assert f"`{rule['alert']}`" in (ROOT / url).read_text(encoding="utf-8").partition("## Impact")[0]


@pytest.mark.parametrize("path", scenarios(), ids=lambda path: path.stem)
def test_each_scenario_names_a_runbook_that_exists(path: Path) -> None:
    name = yaml.safe_load(path.read_text(encoding="utf-8")).get("runbook")
    assert name, "add runbook: NAME, a file under docs/runbooks/"
    assert (RUNBOOKS / f"{name}.md").is_file()
