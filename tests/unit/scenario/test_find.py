from __future__ import annotations

from pathlib import Path

import pytest

from chaos.errors import BadInput
from chaos.scenario import find_scenarios
from tests.folders import write_folder


@pytest.fixture
def tree(here: Path) -> Path:
    files = {
        "scenarios/red/one.yaml": "scenario: one\ntags: [quick, red]\n",
        "scenarios/red/two.yaml": "scenario: two\ntags: [slow]\n",
        "scenarios/blue/deep/three.yaml": "scenario: three\ntags: [quick]\n",
        "scenarios/blue/broken.yaml": "scenario: [\n",
        "scenarios/blue/typo.yaml": "scenarij: four\n",
        "reports/1/scenario.yaml": "scenario: one\ntags: [quick]\n",
        ".hidden/scenario.yaml": "scenario: one\ntags: [quick]\n",
        "stack/stack.yaml": "stack: s\nservices: {}\n",
        "stack/compose.yaml": "services: {}\n",
        "stack/procedures/fix.yaml": "procedure: fix\nsteps: []\n",
    }
    return write_folder(here, files)


@pytest.mark.parametrize(
    ("selectors", "expected"),
    [
        (["scenarios/red/two.yaml"], ["red/two"]),
        (["scenarios/red"], ["red/one", "red/two"]),
        (["red"], ["red/one", "red/two"]),
        (["tag:quick"], ["blue/deep/three", "red/one"]),
        (["quick"], ["blue/deep/three", "red/one"]),
        (["slow", "red", "scenarios/red/one.yaml"], ["red/two", "red/one"]),
        (["tag:red"], ["red/one"]),
        (["."], ["blue/broken", "blue/typo", "blue/deep/three", "red/one", "red/two"]),
    ],
)
def test_files_folders_suites_and_tags(tree: Path, selectors: list[str], expected: list[str]) -> None:
    found = [str(path.resolve().relative_to(tree)) for path in find_scenarios(selectors, tree)]
    assert found == [f"scenarios/{name}.yaml" for name in expected]


def test_paths_stay_as_the_user_typed_them(tree: Path) -> None:
    assert find_scenarios(["scenarios/red/one.yaml"], tree) == (Path("scenarios/red/one.yaml"),)


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("quik", "quik: no scenario file, folder or tag with this name (did you mean 'quick'?)"),
        (
            "tag:xyz",
            "tag:xyz: no scenario file, folder or tag with this name (known: blue, deep, quick, red, slow)",
        ),
        ("scenarios/gone.yaml", "scenarios/gone.yaml: no such file or folder (check the path)"),
        ("stack", "stack: no scenario below this folder (check the path)"),
    ],
)
def test_what_names_nothing_is_bad_input(tree: Path, selector: str, expected: str) -> None:
    with pytest.raises(BadInput) as caught:
        find_scenarios([selector, "red"], tree)
    assert str(caught.value) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "stack: s\nservices: {}\n",
            "a stack file, not a scenario (name a scenario that refers to it, or a ",
        ),
        ("stack: s\nlinks: {}\n", "a stack file, not a scenario (name a scenario"),
        (
            "procedure: p\nsteps: []\n",
            "a procedure, not a scenario (gameday reads it with its stack: name ",
        ),
        ("services: {}\n", "a compose file, not a scenario (gameday init it.yaml drafts a stack file and a "),
        ("images: []\n", "a list of images, not a scenario (name a scenario)"),
        ("groups: []\n", "a file of alert rules, not a scenario (name a scenario)"),
    ],
)
def test_a_file_of_another_kind_is_reported_in_one_line(tree: Path, text: str, expected: str) -> None:
    Path("it.yaml").write_text(text)
    with pytest.raises(BadInput) as caught:
        find_scenarios(["it.yaml", "red"], tree)
    (problem,) = caught.value.problems
    assert str(problem).startswith(f"it.yaml:1:1: this is {expected}")


def test_a_file_of_several_documents_is_no_scenario_unless_one_of_them_is(tree: Path) -> None:
    before = find_scenarios(["red"], tree)
    (tree / "scenarios" / "red" / "compose.yaml").write_text(
        "services: {a: {image: a}}\n---\nservices: {b: {image: b}}\n"
    )
    assert find_scenarios(["red"], tree) == before
    (tree / "scenarios" / "red" / "several.yaml").write_text("scenario: x\n---\nscenario: y\n")
    assert len(find_scenarios(["red"], tree)) == len(before) + 1


@pytest.mark.parametrize("text", ["scenario: x\nservices: {}\n", "stack: s\ntimelime: []\n", "tags: []\n"])
def test_a_scenario_with_mistakes_is_still_taken_for_one(tree: Path, text: str) -> None:
    Path("it.yaml").write_text(text)
    assert find_scenarios(["it.yaml"], tree) == (Path("it.yaml"),)
