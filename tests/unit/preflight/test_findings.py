"""What two starts of a stack without faults mean for a run."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from chaos.adapters.connections import Connection
from chaos.errors import ExitCode
from chaos.model.stack import Stack
from chaos.preflight import (
    Level,
    NamedPorts,
    NotStarted,
    ObservedStart,
    PreflightFinding,
    amended,
    as_json,
    exit_code,
    findings_of,
    page,
)
from chaos.preflight.seen import Cost, LedgerSeen, LeverSeen, RequestAnswers
from chaos.timeline.recording import SelectorSeen

STACK = Stack.model_validate(
    {
        "stack": "shop",
        "services": {"web": {}, "db": {}, "queue": {}, "prometheus": {}},
        "links": {"clients->web": 8000, "web->db": 5432},
        "prometheus": {"service": "prometheus", "config": "p.yml"},
    }
)
WELL = ObservedStart(
    cost=Cost(3.0, 4, 6, 100 * 1024 * 1024),
    answers=(RequestAnswers("GET /", (200,), "JSON with total", True),),
    used={"clients->web": True, "web->db": True},
    connections=frozenset(),
    listening={"web": frozenset({8000}), "db": frozenset({5432})},
    firing=(),
)


def found(
    spliced: ObservedStart | NotStarted, plain: ObservedStart | NotStarted | None = WELL
) -> tuple[PreflightFinding, ...]:
    return findings_of(STACK, spliced, plain, {"db": NamedPorts((5432,), (5353,)), "collector": NamedPorts()})


def code(spliced: ObservedStart | NotStarted, plain: ObservedStart | NotStarted | None = WELL) -> ExitCode:
    return exit_code(found(spliced, plain), spliced)


def test_a_stack_that_is_the_same_in_both_is_ready() -> None:
    assert found(WELL) == ()
    assert code(WELL) is ExitCode.PASS


@pytest.mark.parametrize(
    ("changed", "subject", "said"),
    [
        ({"answers": (RequestAnswers("GET /", (0, 200), "JSON", False),)}, "GET /", "with proxies and 200"),
        ({"levers": (LeverSeen("x", True, True, "200"),)}, "lever x", "witness holds without the fault"),
        ({"levers": (LeverSeen("x", None, True, "refused"),)}, "lever x", "witness gets no answer without"),
        ({"levers": (LeverSeen("x", False, False, "500"),)}, "lever x", "readback fails without the fault"),
        ({"ledgers": (LedgerSeen("o", 6, "", 2),)}, "ledger o", "2 of 6 acknowledged writes"),
        ({"ledgers": (LedgerSeen("o", 0, "db: no rows"),)}, "ledger o", "db: no rows"),
        (
            {"listening": {"db": frozenset({5433})}},
            "web->db",
            "listen on port 5432; it listens on 5433",
        ),
    ],
)
def test_what_would_make_a_run_untrue_is_wrong(changed: dict[str, Any], subject: str, said: str) -> None:
    seen = replace(WELL, **changed)
    (wrong,) = (one for one in found(seen) if one.level is Level.WRONG)
    assert wrong.subject == subject
    assert said in wrong.text
    assert code(seen) is ExitCode.FAIL


@pytest.mark.parametrize(("witness", "readback"), [(True, True), (False, False)])
def test_a_lever_that_may_need_an_inactive_profile_is_not_called_wrong(witness: bool, readback: bool) -> None:
    seen = replace(WELL, levers=(LeverSeen("audio_off", witness, readback, "200", ("nlp",)),))
    (note,) = found(seen)
    assert (note.level, note.subject) == (Level.NOTE, "lever audio_off")
    assert "a service that no active profile starts: nlp" in note.text
    assert found(replace(WELL, levers=(LeverSeen("audio_off", False, True, "200", ("nlp",)),))) == ()


@pytest.mark.parametrize(("lag", "level"), [(1.2, Level.UNKNOWN), (0.9, Level.WRONG)])
@pytest.mark.parametrize("stalled", ["with proxies", "without"])
def test_a_bad_answer_while_the_machine_stood_still_is_unknown(
    lag: float, level: Level, stalled: str
) -> None:
    bad = replace(WELL, answers=(RequestAnswers("GET /", (200, 503), "JSON", False),))
    late = replace(WELL, lag=lag)
    pair = (replace(bad, lag=lag), WELL) if stalled == "with proxies" else (bad, late)
    (one,) = found(*pair)
    assert one.level is level
    assert ("stood still" in one.text) is (level is Level.UNKNOWN)
    same = replace(bad, lag=lag)
    (one,) = found(same, same)
    assert one.level is level


def test_a_request_that_is_not_served_in_both_is_said_once() -> None:
    seen = replace(WELL, answers=(RequestAnswers("GET /", (404,), "text/html", False),))
    (wrong,) = found(seen, seen)
    assert wrong.text == "not served without faults: 404 (text/html)"


@pytest.mark.parametrize(
    "changed",
    [
        {"used": {"clients->web": True, "web->db": None}},
        {"connections": None},
        {"answers": ()},
        {"firing": ("too_slow",)},
    ],
)
def test_what_cannot_be_looked_at_is_unknown_and_never_ready(changed: dict[str, Any]) -> None:
    assert code(replace(WELL, **changed)) is ExitCode.INCONCLUSIVE


def test_links_are_learnt_from_traffic_and_kept_as_comments() -> None:
    traffic = frozenset({Connection("web", "queue", 6379), Connection("prometheus", "web", 8000)})
    (note,) = found(replace(WELL, connections=traffic))
    assert (note.level, note.subject) == (Level.NOTE, "web->queue")
    assert code(replace(WELL, connections=traffic)) is ExitCode.PASS
    text = amended("stack: shop\n", [note])
    assert text.endswith("\n# web->queue: 6379\n")
    assert amended(text, [note]) == text


def test_a_link_to_a_service_that_only_the_compose_file_lists_is_found() -> None:
    traffic = frozenset({Connection("web", "collector", 8126), Connection("web", "toxiproxy-web", 5432)})
    (note,) = found(replace(WELL, connections=traffic))
    assert (note.level, note.subject) == (Level.NOTE, "web->collector")
    assert note.fix == "add it under links:, and collector under services:"


def test_ports_that_no_proxy_carries_and_links_without_traffic_are_notes() -> None:
    seen = replace(
        WELL,
        listening={"web": frozenset({8000}), "db": frozenset({5432, 9000, 40_000})},
        used={"clients->web": True, "web->db": False},
    )
    said = {note.subject: note.text for note in found(seen)}
    assert said["db"] == "it also listens on 9000, but clients cannot reach that in a run"
    assert said["web->db"].startswith("the application sent nothing over it")


def test_udp_ports_without_a_relay_are_notes() -> None:
    """A UDP port that the compose file names has a relay; one above 32767 belongs to a socket that sends."""
    seen = replace(WELL, udp={"db": frozenset({5353, 8125, 40_000}), "queue": frozenset({9})})
    (note,) = found(seen)
    assert (note.level, note.subject) == (Level.NOTE, "db")
    assert note.text == "it also listens on UDP 8125, but clients cannot reach that in a run"
    assert note.fix == 'add expose: ["8125/udp"] to db in the compose file if they need it'


def test_a_selector_without_a_series_is_named() -> None:
    seen = replace(WELL, selectors=(SelectorSeen(selector="up{x='1'}", family="up", series=0),))
    assert [note.subject for note in found(seen)] == ["up{x='1'}"]


def test_a_stack_that_starts_only_without_proxies_is_not_its_owners_fault() -> None:
    (first,) = found(NotStarted("web: exited"), WELL)
    assert first.text.startswith("it starts without proxies but not with them")
    (both,) = found(NotStarted("web: exited"), NotStarted("web: exited"))
    assert both.fix == "make it start without gameday first"
    assert code(NotStarted("web: exited")) is ExitCode.HARNESS


def test_one_page_and_one_document() -> None:
    seen = replace(WELL, firing=("too_slow",))
    findings = found(seen)
    lines = list(page("shop", findings, seen, WELL, ExitCode.INCONCLUSIVE))
    assert lines[0] == "preflight of shop: ready, as far as preflight could check"
    assert "  with proxies     healthy; 3.0 s, 6 containers, 4 networks, 100 MiB" in lines
    assert "    fix: if it does, fix the rule or the stack: no run would reach its steady state" in lines
    document = json.loads(as_json("shop", findings, seen, None, ExitCode.INCONCLUSIVE))
    assert document["plain"] is None
    assert document["exit_code"] == 2
    assert document["findings"][0]["level"] == "unknown"
