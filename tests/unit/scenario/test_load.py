from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from chaos.errors import BadInput, ExitCode
from chaos.registry import kinds
from chaos.scenario import load_scenario
from tests.unit.scenario.files import COMPOSE, SCENARIO, STACK, Pull, complaints, lay_out, load, swapped


def test_a_right_scenario_becomes_typed_values(here: Path) -> None:
    loaded = load(lay_out(here))
    assert loaded.scenario.timeline[0].at == 120.0
    assert isinstance(loaded.scenario.timeline[2], Pull)
    assert [len(entries) for entries in loaded.scenario.expect.values()] == [1, 2]
    assert loaded.stack.stack == "shop"
    assert loaded.stack_root == here / "stack"
    assert loaded.detection is not None
    assert loaded.detection.bound("ShelfGone") == 300 + 10 + 15 + 120
    assert loaded.source.file == "it.yaml"
    assert loaded.source.sha256 == hashlib.sha256(SCENARIO.encode()).hexdigest()
    assert loaded.where(("timeline", 1, "link")) == (12, 37)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("title:", "titel:", "2:1: unknown key 'titel' (did you mean 'title'?)"),
        ("title: The shelf is gone\n", "", "1:1: missing key 'title' (add it)"),
        ("SEV3", "SEV7", "3:11: severity: expected 'SEV1', 'SEV2', 'SEV3' or 'SEV4', got 'SEV7'"),
        ("title: The shelf is gone", "title: 7", "2:8: title: expected text, got 7 (put it in quotes)"),
        ("40/s", "40", "6:33: rate: expected a rate such as 40/s or 90/m, got 40"),
        ("40/s", "400/s", "6:33: rate: expected at most 200, got '400/s'"),
        ("40/s", "40/s, timeout: 0s", "6:48: timeout: expected more than 0, got '0s'"),
        ("shoppers", "shopers", "6:17: unknown load profile 'shopers' (did you mean 'shoppers'?)"),
        ("service: till", "service: tilt", "8:21: unknown service 'tilt' (did you mean 'till'?)"),
        ("status: 200", "status: ok", "8:49: status: expected a whole number, got 'ok'"),
        ("status: 200", "timeout: 0s", "8:50: timeout: expected more than 0, got '0s'"),
        (
            "equals: 0",
            "above: 2, below: 1",
            "9:13: promql: expected bounds that a value can meet, got none that meets all of them",
        ),
        (
            "equals: 0",
            "equals: 3, below: 1",
            "9:13: promql: expected bounds that a value can meet, got none that meets all of them",
        ),
        ("equals: 0", "equal: 0", "9:33: unknown key 'equal' (did you mean 'equals'?)"),
        ("at: 2m", "at: 2", "11:10: at: expected a duration with a unit, such as 30s or 5m, got 2"),
        (
            "at: 2m",
            "at: 2 min",
            "11:10: at: expected a duration such as 250ms, 30s, 5m or 1h30m, got '2 min'",
        ),
        ("at: 2m", "at: 1:30", "11:10: at: expected a duration such as 250ms, 30s, 5m or 1h30m, got '1:30'"),
        ("at: 2m, ", "", "11:5: missing key 'at' (add it)"),
        ("for: 10m", "for: 0s", "11:53: for: expected more than 0, got '0s'"),
        (
            ", for: 10m",
            "",
            "11:5: expected exactly one of for, answer (for: gameday undoes it; answer: a procedure does)",
        ),
        ("for: 10m", "hold: 10m", "11:48: unknown key 'hold' (did you mean 'for'?)"),
        ("box.break", "box.brake", "11:21: unknown fault 'box.brake' (did you mean 'box.break'?)"),
        ("fault: box.break, ", "", "11:5: missing key 'fault' (gameday kinds lists them)"),
        ("service: shelf", "service: self", "11:41: unknown service 'self' (did you mean 'shelf'?)"),
        (
            "link: till->shelf",
            "link: shelf->till",
            "12:37: unknown link 'shelf->till' (known: clients->till, till->shelf)",
        ),
        ("shelf.errors", "shelf.error", "13:34: unknown lever 'shelf.error' (did you mean 'shelf.errors'?)"),
        ("status: 500", "state: 500", "13:48: no parameter state"),
        ("  alarm:", "  alert:", "15:3: unknown check 'alert' (did you mean 'alarm'?)"),
        (
            "  alarm:",
            "  cleanliness:",
            "15:3: check 'cleanliness' takes no expectation (known: alarm, answers)",
        ),
        ("ShelfGone", "ShelfLost", "16:21: unknown alert 'ShelfLost' (write one)"),
        ("within: 8m}", "within: 8m, by: 1}", "16:44: unknown key 'by' (known: alert, within)"),
        ("50ms", "50", "19:37: slower_than: expected a duration with a unit, such as 30s or 5m, got 50"),
        (
            "stack: shop",
            "stack: shoe",
            "5:8: unknown stack 'shoe' (did you mean 'shop'? Looked for stack.yaml and stack/stack.yaml here "
            "and above)",
        ),
        (
            "stack: shop",
            "stack: zoo",
            "5:8: unknown stack 'zoo' (known: shop. Looked for stack.yaml and stack/stack.yaml here and "
            "above)",
        ),
        (
            "stack: shop",
            "stack: ./gone.yaml",
            "5:8: no such file './gone.yaml' (the path is relative to this file)",
        ),
    ],
)
def test_one_mistake_is_one_problem_at_its_place(here: Path, old: str, new: str, expected: str) -> None:
    found = complaints(lay_out(here, scenario=swapped(SCENARIO, old, new)))
    assert f"it.yaml:{expected}" in found
    assert len(found) == 1 or "missing" in expected or new.endswith(":")


@pytest.mark.parametrize("key", ["scenario", "title", "stack", "steady_state", "timeline"])
def test_each_required_key_is_missed(here: Path, key: str) -> None:
    text = SCENARIO.replace(f"{key}:", f"x{key}:", 1)
    assert f"it.yaml:1:1: missing key '{key}' (add it)" in complaints(lay_out(here, scenario=text))


_EXPECT = SCENARIO[SCENARIO.index("expect:") :]
_NO_CHECKS = "expect: expected a mapping of checks to what they expect"
_NOTHING_JUDGED = "(say what must hold, for example expect: {recovery: {rto: 15m}})"


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        ("", f"1:1: missing key 'expect': nothing would be judged {_NOTHING_JUDGED}"),
        (
            "expect: {}\n",
            f"14:9: {_NO_CHECKS}, got an empty one {_NOTHING_JUDGED}",
        ),
        (
            "expect:\n",
            f"14:8: {_NO_CHECKS}, got nothing {_NOTHING_JUDGED}",
        ),
        ("expect:\n  alarm:\n", "15:9: alarm: expected at least one entry, got nothing"),
        ("expect:\n  answers: []\n", "15:12: answers: expected at least one entry, got an empty list"),
    ],
)
def test_a_scenario_that_expects_nothing_is_refused(here: Path, expect: str, said: str) -> None:
    text = swapped(SCENARIO, _EXPECT, expect)
    assert complaints(lay_out(here, scenario=text)) == [f"it.yaml:{said}"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        # the step of line 11 with a wrong, a missing and an unknown key
        (
            "box.break, service: shelf, for: 10m",
            "box.brake, service: shelf, for: soon",
            ["11:21: unknown fault 'box.brake'", "11:53: for: expected a duration"],
        ),
        (
            "service: shelf, for: 10m",
            "service: self, for: soon",
            ["11:41: unknown service 'self'", "11:52: for: expected a duration"],
        ),
        ("service: shelf, for: 10m", "service: self", ["11:5: ", "11:41: unknown service 'self'"]),
        (
            "service: shelf, for: 10m",
            "service: self, for: 10m, four: 1m",
            ["11:41: unknown service 'self'", "11:57: unknown key 'four'"],
        ),
        # what was not written is not looked up
        ("service: shelf, for: 10m", "service: 5, for: 10m", ["11:41: service: expected"]),
        (
            "alert: ShelfGone, within: 8m",
            "alert: ShelfLost, within: 8",
            ["16:21: unknown alert 'ShelfLost'", "16:40: within: expected a duration"],
        ),
        ("link: till->shelf, for: 1m", "link: till->self, for: 1", ["12:37: unknown link", "12:54: for: "]),
    ],
)
def test_two_mistakes_of_one_entry_come_together(here: Path, old: str, new: str, said: list[str]) -> None:
    found = complaints(lay_out(here, scenario=swapped(SCENARIO, old, new)))
    assert len(found) == len(said), found
    for problem, expected in zip(found, said, strict=True):
        assert problem.startswith(f"it.yaml:{expected}"), problem


def test_every_problem_at_once_in_file_order(here: Path) -> None:
    text = SCENARIO
    for old, new in (
        ("SEV3", "SEV7"),
        ("shoppers", "shopers"),
        ("service: till", "service: tilt"),
        ("box.break", "box.brake"),
        ("till->shelf", "till->self"),
        ("ShelfGone", "ShelfLost"),
        ("50ms", "50"),
    ):
        text = swapped(text, old, new)
    found = complaints(lay_out(here, scenario=text, stack=STACK.replace("tier: 1", "tier: 1")))
    assert [problem.split(":")[1] for problem in found] == ["3", "6", "8", "11", "12", "16", "19"]


def test_problems_of_scenario_and_stack_come_together(here: Path) -> None:
    path = lay_out(
        here, scenario=swapped(SCENARIO, "SEV3", "SEV7"), stack=swapped(STACK, "tier: 1", "tier: 9")
    )
    assert [problem.split(":")[0] for problem in complaints(path)] == ["it.yaml", "stack/stack.yaml"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "it.yaml:1:1: the file is empty, expected a mapping of keys to values"),
        (b"# only a remark\n", "it.yaml:1:1: the file is empty, expected a mapping of keys to values"),
        (b"- a\n- b\n", "it.yaml:1:1: expected a mapping of keys to values, got a list"),
        (b"hello\n", "it.yaml:1:1: expected a mapping of keys to values, got a single value"),
        (b"a: [1,\nb: 2\n", "it.yaml:3:1: not valid YAML: expected ',' or ']', but got '<stream end>'"),
        (b"a: 1\n\tb: 2\n", "it.yaml:2:1: not valid YAML: found character '\\t' that cannot start any token"),
        (b"title: caf\xe9\n", "it.yaml:1:11: not UTF-8 text (save the file as UTF-8)"),
        (b"a: &x [*x]\n", "it.yaml:1:4: an alias refers to its own parent"),
    ],
)
def test_a_file_that_is_no_scenario_at_all(here: Path, content: bytes, expected: str) -> None:
    lay_out(here)
    Path("it.yaml").write_bytes(content)
    found = complaints(Path("it.yaml"))
    assert len(found) == 1
    assert found[0].startswith(expected)


def test_a_missing_file_and_a_folder(here: Path) -> None:
    assert complaints(Path("gone.yaml")) == ["gone.yaml: no such file (check the path)"]
    assert complaints(here) == [f"{here}: this is a folder, expected a YAML file"]


def test_duplicate_keys_are_found_at_every_depth(here: Path) -> None:
    text = swapped(SCENARIO, "stack: shop", "stack: shop\ntitle: Again")
    text = swapped(text, "service: till,", "service: till, service: till,")
    assert complaints(lay_out(here, scenario=text)) == [
        "it.yaml:6:1: duplicate key 'title', first given at 2:1 (keep one of the two)",
        "it.yaml:9:27: duplicate key 'service', first given at 9:12 (keep one of the two)",
    ]


def test_tags_and_merge_keys_are_refused(here: Path) -> None:
    found = complaints(lay_out(here, scenario=SCENARIO + "tags2: !!python/object:os.system {}\n<<: {a: 1}\n"))
    assert any("21:1: unknown key 'tags2'" in problem for problem in found)
    assert "it.yaml:22:1: expected a plain key (write each key and value out)" in found
    found = complaints(
        lay_out(here, scenario=swapped(SCENARIO, "The shelf is gone", "!!python/name:os.system x"))
    )
    assert "it.yaml:2:8: unknown YAML tag tag:yaml.org,2002:python/name:os.system (remove it)" in found


def test_many_aliases_do_not_fill_the_memory(here: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert "too many values" in complaints(lay_out(here, scenario="\n".join(lines)))[0]


@pytest.mark.parametrize("value", ["[]", "", "{at: 1m}"])
@pytest.mark.parametrize("key", ["steady_state", "timeline"])
def test_a_list_that_holds_nothing(here: Path, key: str, value: str) -> None:
    head, _, _ = SCENARIO.partition("steady_state:")
    other = "timeline" if key == "steady_state" else "steady_state"
    entry = (
        "{at: 1m, fault: box.break, service: shelf, for: 10m}"
        if other == "timeline"
        else "http: {service: till}"
    )
    found = complaints(lay_out(here, scenario=f"{head}{key}: {value}\n{other}:\n  - {entry}\n{_EXPECT}"))
    assert len(found) == 1
    assert f"{key}: expected a list of at least one entry" in found[0]


def test_entries_of_the_wrong_shape(here: Path) -> None:
    text = swapped(SCENARIO, "  - {at: 3m, fault: wire.cut, link: till->shelf, for: 1m}\n", "  - box.break\n")
    assert complaints(lay_out(here, scenario=text)) == [
        "it.yaml:12:5: expected a step such as {at: 1m, fault: container.kill, service: db, for: 2m}"
    ]
    head, _, _ = SCENARIO.partition("expect:")
    assert complaints(lay_out(here, scenario=f"{head}expect: [alarm]\n")) == [
        f"it.yaml:14:9: {_NO_CHECKS}, got something else {_NOTHING_JUDGED}"
    ]
    assert complaints(lay_out(here, scenario=f"{head}expect: {{answers: []}}\n")) == [
        "it.yaml:14:19: answers: expected at least one entry, got an empty list"
    ]


def test_a_probed_service_needs_a_link_for_clients(here: Path) -> None:
    text = swapped(SCENARIO, "service: till, path", "service: shelf, path")
    assert complaints(lay_out(here, scenario=text)) == [
        "it.yaml:8:21: gameday cannot probe service 'shelf': it has no link clients->shelf "
        "(add the link to stack.yaml, or probe another service)"
    ]


def test_two_conditions_that_a_recording_could_not_tell_apart_are_refused(here: Path) -> None:
    text = swapped(
        SCENARIO,
        "timeline:",
        "  - http: {service: till, path: /ready, status: 401}\n"
        "  - http: {service: till, path: /ready, method: POST}\n"
        "  - promql: {query: till_state, below: 1}\ntimeline:",
    )
    assert complaints(lay_out(here, scenario=text)) == [
        "it.yaml:10:5: two conditions of the steady state have the same method, service and path (keep one "
        "of the two, or tell them apart by the path: add a query such as ?second to one of them)",
        "it.yaml:12:5: two conditions of the steady state have the same query (keep one of the two, and give "
        "it every bound)",
    ]


def test_what_no_rehearsal_could_show_is_refused(here: Path) -> None:
    """Recovery is from a fault. That no alert fires can be said of a rehearsal too."""
    head = SCENARIO.partition("timeline:")[0]
    expect = "expect:\n  recovery: {rto: 15m}\n  detection: {must_not_fire: others}\n"
    path = lay_out(here, scenario=f"{head}rehearse: [count]\n{expect}")
    with pytest.raises(BadInput) as bad:
        load_scenario(path, kinds())
    assert [str(one) for one in bad.value.problems if "procedure" not in str(one)] == [
        "it.yaml:12:13: without a fault a run cannot show what recovery expects (add a timeline, or remove "
        "the expectation)"
    ]


def test_promql_needs_a_prometheus(here: Path) -> None:
    stack = swapped(STACK, "prometheus: {service: watch, config: prometheus.yml, rules: [rules.yml]}\n", "")
    found = complaints(lay_out(here, stack=stack))
    assert "it.yaml:9:13: the stack has no Prometheus to query (remove it)" in found


@pytest.mark.parametrize(("at", "clash"), [("11m", True), ("12m", False)])
def test_two_faults_may_not_claim_the_same_at_once(here: Path, at: str, clash: bool) -> None:
    step = "  - {at: 3m, fault: wire.cut, link: till->shelf, for: 1m}\n"
    text = swapped(SCENARIO, step, f"  - {{at: {at}, fault: box.break, service: shelf, for: 1m}}\n")
    found = complaints(lay_out(here, scenario=text))
    assert bool(found) is clash
    if clash:
        assert found[0].startswith("it.yaml:12:5: box.break shelf overlaps with box.break shelf at 11:5")


def test_a_step_that_cannot_be_read_never_looks_too_short(here: Path) -> None:
    """The check's own problem needs the faults to last 7m25s: unreadable ones might."""
    text = SCENARIO.replace("for: 10m", "for: 10")
    assert complaints(lay_out(here, scenario=text)) == [
        "it.yaml:11:53: for: expected a duration with a unit, such as 30s or 5m, got 10"
    ]
    text = SCENARIO.replace("for: 10m", "for: 1m")
    assert complaints(lay_out(here, scenario=text)) == [
        "it.yaml:16:13: the faults are too short (let them last)"
    ]


@pytest.mark.parametrize(("runbook", "known"), [("shelf", True), ("shel", False)])
def test_a_runbook_must_exist_where_the_stack_has_a_folder_of_them(
    here: Path, runbook: str, known: bool
) -> None:
    path = lay_out(here, scenario=f"{SCENARIO}runbook: {runbook}\n", stack=f"{STACK}runbooks: books\n")
    (here / "stack/books").mkdir()
    (here / "stack/books/shelf.md").write_text("# Shelf")
    expected = [] if known else ["it.yaml:21:10: unknown runbook 'shel' (did you mean 'shelf'?)"]
    assert complaints(path) == expected


def test_a_key_with_half_of_a_character_is_a_problem_at_its_place(here: Path) -> None:
    """Fuzzing found it: pydantic refuses such a mapping as a whole, without a place."""
    path = lay_out(here, scenario=swapped(SCENARIO, "steady_state:", '"\\ud800":'))
    assert "it.yaml:7:1: expected a key of at most 256 whole characters, without NUL" in complaints(path)[1]


def test_bad_input_ends_with_exit_code_4(here: Path) -> None:
    with pytest.raises(BadInput) as caught:
        load_scenario(Path("gone.yaml"))
    assert caught.value.exit_code is ExitCode.BAD_INPUT


@pytest.mark.parametrize(
    ("volume", "said"),
    [
        ("shelf-dat", "11:36: unknown volume 'shelf-dat' (did you mean 'shelf-data'?)"),
        ("xyz", "11:36: unknown volume 'xyz' (known: shelf-data, till-data)"),
        (
            "far-away",
            "11:36: volume 'far-away' is off-site storage, which survives every disaster "
            "(expected another: shelf-data, till-data)",
        ),
    ],
)
def test_a_volume_that_cannot_be_lost_is_refused(here: Path, volume: str, said: str) -> None:
    lost = swapped(SCENARIO, "fault: box.break, service: shelf", "fault: box.empty, of: {}")
    compose = COMPOSE + "volumes: {shelf-data: , till-data: {}, far-away: }\n"
    stack = STACK + "offsite: [far-away]\n"
    path = lay_out(here, scenario=lost.replace("{}", volume), compose=compose, stack=stack)
    assert complaints(path) == [f"it.yaml:{said}"]
    path = lay_out(here, scenario=lost.replace("{}", "shelf-data"), compose=compose, stack=stack)
    assert complaints(path) == []
    path = lay_out(here, scenario=lost.replace("{}", "shelf-data"))
    assert complaints(path) == ["it.yaml:11:36: unknown volume 'shelf-data' (there are none)"]


def test_a_link_that_is_none_is_a_problem_also_of_a_kind_that_reads_it_as_text(here: Path) -> None:
    path = lay_out(here, scenario=swapped(SCENARIO, "link: till->shelf", "link: till>shelf"))
    assert any("it.yaml:12:37: unknown link" in line for line in complaints(path)), complaints(path)
