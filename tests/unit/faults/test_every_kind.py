"""Rules that hold for every kind of fault, on a deployment in memory."""

from __future__ import annotations

import copy
import re
from pathlib import Path

import pytest

from chaos.model.stack import Lever, Stack
from chaos.registry import fault_name, kinds
from tests.fake_ports import fault_context
from tests.fakes import FakeStorage, fake_deployment
from tests.ineffective_ports import pretending_context
from tests.unit.faults.examples import EXAMPLES, LOSSES, UNDOABLE, name_of, read

ROOT = Path(__file__).parents[3]
every_example = pytest.mark.parametrize("example", EXAMPLES, ids=name_of)
every_undoable = pytest.mark.parametrize("example", UNDOABLE, ids=name_of)


def test_every_kind_has_an_example_here() -> None:
    assert {example["fault"] for example in EXAMPLES} == set(kinds().faults)


@pytest.mark.parametrize("kind", kinds().faults.values(), ids=fault_name)
def test_kind_has_docstring_test_file_and_docs(kind: type) -> None:
    name = fault_name(kind)
    summary = (kind.__doc__ or "").partition("\n")[0]
    assert re.fullmatch(r"[A-Z].{20,108}\.", summary), "the first line is what `gameday kinds` prints"
    assert "What a client sees:" in (kind.__doc__ or "")
    _, says, witness = " ".join((kind.__doc__ or "").split()).partition("What the witness measures: ")
    assert says, "the docstring says what the witness measures"
    assert kind.__module__ == "chaos.faults." + name.replace(".", "_")
    assert (ROOT / "tests/unit/faults" / f"test_{name.replace('.', '_')}.py").is_file()
    docs = (ROOT / "docs/adding-a-fault.md").read_text(encoding="utf-8")
    row = next(line for line in docs.splitlines() if line.startswith(f"| `{name}` |"))
    assert witness in row


@pytest.mark.parametrize("kind", kinds().faults.values(), ids=fault_name)
def test_every_parameter_says_what_it_is(kind: type) -> None:
    own = {"at", "fault", "hold", "answer"}
    assert {name for name, field in kind.model_fields.items() if not field.description} - own == set()  # type: ignore[attr-defined]


@every_undoable
async def test_takes_effect_while_in_place_and_not_after(example: dict[str, object]) -> None:
    fault, w = read(**example), fake_deployment()
    untouched = copy.deepcopy(w)
    before = await fault.measure(fault_context(w))
    assert not fault.took_effect(before, before)
    await fault.inject(fault_context(w))
    assert fault.took_effect(before, await fault.measure(fault_context(w)))
    assert not await fault.reverted(fault_context(w))
    await fault.revert(fault_context(w))
    assert await fault.reverted(fault_context(w))
    assert not fault.took_effect(before, await fault.measure(fault_context(w)))
    await fault.revert(fault_context(w))
    assert _state(w) == _state(untouched)


@every_example
async def test_an_injection_without_effect_does_not_take_effect(example: dict[str, object]) -> None:
    fault, w = read(**example), fake_deployment()
    w.deaf = True
    before = await fault.measure(fault_context(w))
    await fault.inject(fault_context(w))
    assert not fault.took_effect(before, await fault.measure(fault_context(w)))


@every_example
async def test_an_injector_that_only_pretends_proves_nothing(example: dict[str, object]) -> None:
    """Whatever was written reads back as if it were in place, and clients are served as ever."""
    fault, w = read(**example), fake_deployment()
    context = pretending_context(w)
    before = await fault.measure(context)
    await fault.inject(context)
    if fault.undoable:
        assert not await fault.reverted(context), "the read-back believes the injector"
    assert not fault.took_effect(before, await fault.measure(context))


@every_example
async def test_what_was_so_before_is_no_effect(example: dict[str, object]) -> None:
    """An effect that was there before the injection proves nothing."""
    fault, w = read(**example), fake_deployment()
    await fault.inject(fault_context(w))
    before = await fault.measure(fault_context(w))
    await fault.inject(fault_context(w))
    assert not fault.took_effect(before, await fault.measure(fault_context(w)))


@every_undoable
async def test_revert_without_inject_changes_nothing(example: dict[str, object]) -> None:
    fault, w = read(**example), fake_deployment()
    untouched = copy.deepcopy(w)
    await fault.revert(fault_context(w))
    assert await fault.reverted(fault_context(w))
    assert _state(w) == _state(untouched)


@every_undoable
async def test_an_undo_without_effect_is_not_read_back_as_done(example: dict[str, object]) -> None:
    fault, w = read(**example), fake_deployment()
    await fault.inject(fault_context(w))
    w.deaf = True
    await fault.revert(fault_context(w))
    assert not await fault.reverted(fault_context(w))


@every_undoable
async def test_another_fault_elsewhere_stays_in_place(example: dict[str, object]) -> None:
    fault, w = read(**example), fake_deployment(("clients->web", "web->cache", "web->db"))
    other = read(fault="link.down", link="web->db")
    await other.inject(fault_context(w))
    await fault.inject(fault_context(w))
    await fault.revert(fault_context(w))
    assert not await other.reverted(fault_context(w))


@pytest.mark.parametrize("example", LOSSES, ids=name_of)
async def test_a_loss_stays_until_somebody_restores_it(example: dict[str, object]) -> None:
    fault, w = read(**example), fake_deployment()
    before = await fault.measure(fault_context(w))
    assert not fault.took_effect(before, before)
    await fault.inject(fault_context(w))
    await fault.revert(fault_context(w))
    assert fault.took_effect(before, await fault.measure(fault_context(w)))
    assert not await fault.reverted(fault_context(w))
    FakeStorage(w).restore()
    assert await fault.reverted(fault_context(w))
    assert not fault.took_effect(before, await fault.measure(fault_context(w)))


@every_example
def test_survives_being_stored(example: dict[str, object]) -> None:
    fault = read(**example)
    assert type(fault).model_validate_json(fault.model_dump_json()) == fault


@every_example
def test_claims_itself(example: dict[str, object]) -> None:
    """The same fault twice at once cannot be: the first undo would take both away."""
    assert read(**example).exclusive(_stack())


@every_example
def test_the_summary_names_kind_and_target(example: dict[str, object]) -> None:
    fault = read(**example)
    assert fault.fault in fault.summary()
    assert fault.target()
    assert fault.target() in fault.summary()
    named = fault.services() + fault.links() + fault.levers()
    assert fault.target() in (named or ("everything",))


def _state(w: object) -> dict[str, object]:
    state = dict(vars(w))
    for kept in ("log", "met", "starts", "originals", "ended"):
        del state[kept]
    state["toxics"] = {link: toxics for link, toxics in state["toxics"].items() if toxics}
    return state


def _stack() -> Stack:
    nothing: dict[str, object] = {}
    lever = Lever.model_validate(dict.fromkeys(("inject", "revert", "readback", "witness"), nothing))
    return Stack.model_validate(
        {
            "stack": "small",
            "services": {"web": {"role": "app"}, "cache": {"role": "redis"}},
            "links": {"clients->web": 8000, "web->cache": 6379},
            "levers": {"web.errors": lever},
        }
    )
