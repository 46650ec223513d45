"""Compose profiles in scenarios and stacks: what is unknown, and who is not there without one."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.unit.scenario.files import COMPOSE, SCENARIO, STACK, complaints, lay_out, load

SLEEPER = COMPOSE + "  spare: {image: spare, profiles: [drill, weekly], environment: [MODE]}\n"
WITH_VARIABLES = SLEEPER.replace(
    "  till: {", "  till: {environment: &common {MODE: '', DEBUG: ''}, "
).replace("  shelf: {", "  shelf: {environment: {<<: *common, SIZE: 1}, ")
KNOWN = STACK.replace("  watch: {role", "  spare: {role: http, profile: drill}\n  watch: {role")
LINKED = KNOWN.replace("  till->shelf", "  clients->spare: 81\n  till->spare: 81\n  till->shelf")


def test_what_an_active_profile_starts_may_be_named(here: Path) -> None:
    broken = SCENARIO.replace("service: shelf", "service: spare") + "profiles: [drill]\n"
    assert load(lay_out(here, scenario=broken, stack=LINKED, compose=SLEEPER)).scenario.profiles == ("drill",)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("service: shelf,", "service: spare,", "spare"),
        ("link: till->shelf", "link: till->spare", "spare"),
        ("http: {service: till", "http: {service: spare", "spare"),
    ],
)
def test_what_no_active_profile_starts_is_refused(here: Path, old: str, new: str, named: str) -> None:
    path = lay_out(here, scenario=SCENARIO.replace(old, new), stack=LINKED, compose=SLEEPER)
    (said,) = complaints(path)
    assert f"service {named!r} needs the profile drill, which is not active (add profiles: [drill])" in said


def test_an_unknown_profile_is_refused(here: Path) -> None:
    path = lay_out(here, scenario=SCENARIO + "profiles: [dril]\n", stack=KNOWN, compose=SLEEPER)
    (said,) = complaints(path)
    assert said.endswith("unknown profile 'dril' (did you mean 'drill'?)")


@pytest.mark.parametrize(
    ("of_stack", "of_compose", "said"),
    [
        (
            KNOWN.replace(", profile: drill", ""),
            SLEEPER,
            "service spare has the profile drill or weekly in compose.yaml (write profile: drill)",
        ),
        (
            KNOWN.replace("profile: drill", "profile: daily"),
            SLEEPER,
            "service spare has the profile drill or weekly in compose.yaml (write profile: drill)",
        ),
        (
            STACK.replace("shelf: {role: redis}", "shelf: {role: redis, profile: drill}"),
            COMPOSE,
            "service shelf has no profile in compose.yaml (remove profile:)",
        ),
    ],
)
def test_stack_and_compose_file_must_agree(here: Path, of_stack: str, of_compose: str, said: str) -> None:
    assert said in "\n".join(complaints(lay_out(here, stack=of_stack, compose=of_compose)))


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ("{tilt.MODE: a}", "unknown service 'tilt' (did you mean 'till'?)"),
        ("{till.9X: a}", "'9X' is not a valid variable name (write VARIABLE or SERVICE.VARIABLE)"),
        (
            "{till.MOOD: a}",
            "service till has no variable 'MOOD' in compose.yaml (did you mean till.MODE? Else ",
        ),
        (
            "{MOOD: a}",
            "has a variable 'MOOD' in compose.yaml (did you mean MODE? Else declare it there as MOOD: ",
        ),
        (
            "{SIZE: a}",
            "has a variable 'SIZE' in compose.yaml (did you mean shelf.SIZE? Else declare it there",
        ),
        ("{spare.MODE: a}", "service 'spare' needs the profile drill, which is not active"),
    ],
)
def test_variables_go_to_services_that_there_are(here: Path, env: str, said: str) -> None:
    line = len(SCENARIO.splitlines()) + 1
    path = lay_out(here, scenario=f"{SCENARIO}env: {env}\n", stack=KNOWN, compose=WITH_VARIABLES)
    (found,) = complaints(path)
    assert said in found
    assert found.startswith(f"it.yaml:{line}:")


@pytest.mark.parametrize("env", ["{till.MODE: calm, DEBUG: '1'}", "{shelf.DEBUG: a}", "{till.PATIENCE: '3'}"])
def test_variables_of_services_are_read(here: Path, env: str) -> None:
    path = lay_out(here, scenario=f"{SCENARIO}env: {env}\n", compose=WITH_VARIABLES)
    assert dict(load(path).scenario.env) == yaml.safe_load(env)


@pytest.mark.parametrize("more", ["env_file: .env", "environment: ['${MORE}']"])
def test_where_the_compose_file_does_not_tell_every_variable_none_is_refused(here: Path, more: str) -> None:
    compose = COMPOSE.replace("  till: {", f"  till: {{{more}, ")
    path = lay_out(here, scenario=f"{SCENARIO}env: {{till.NEW: a, DEBUG: b}}\n", compose=compose)
    assert complaints(path) == []
    path = lay_out(here, scenario=f"{SCENARIO}env: {{shelf.NEW: a}}\n", compose=compose)
    assert "service shelf has no variable 'NEW'" in "\n".join(complaints(path))
