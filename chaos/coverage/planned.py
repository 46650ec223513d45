"""What the scenarios of one stack test, from their files. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from chaos.coverage.model import Cell, Coverage, CoverageRow, Matrix, OutcomeSource, Tested
from chaos.kinds import CoverageKind, Fault, ScenarioContext
from chaos.model.identity import ResultKey
from chaos.model.rules import DetectionFacts
from chaos.model.scenario import Scenario
from chaos.model.stack import Stack
from chaos.registry import expectations

TOOK_EFFECT = ResultKey("fault_effect.takes_effect")
_TESTED = {
    CoverageKind.ALERT_FIRES: Tested.FIRES,
    CoverageKind.ALERT_STAYS_SILENT: Tested.SILENT,
    CoverageKind.DEGRADED_STATE: Tested.DEGRADED,
}
_Found = tuple[str, Cell]  # name of a rule, service or state, and how it is tested


def planned_coverage(
    stack: Stack, detection: DetectionFacts | None, scenarios: Sequence[Scenario], faults: Sequence[str]
) -> Coverage:
    """The coverage without outcomes. ``stack``: with the services of every profile. ``faults``: names of the
    installed kinds.
    """
    found = list(
        chain.from_iterable(
            _covered(ScenarioContext(one, stack, detection), one) for one in scenarios if one.timeline
        )
    )
    names = tuple(one.scenario for one in scenarios)
    return Coverage(
        stack=stack.stack,
        rules=Matrix(title="rules", columns=names, rows=tuple(_rules(stack, detection, found))),
        faults=_faults(stack, scenarios, faults),
        degraded=Matrix(title="degraded states", columns=names, rows=tuple(_degraded(stack, found))),
    )


def _covered(context: ScenarioContext, scenario: Scenario) -> Iterator[_Found]:
    for check, params in expectations(scenario):
        for one in check.covers(params, context):
            source = OutcomeSource(key=one.key, subject=one.subject)
            yield one.name, Cell(scenario=scenario.scenario, tested=_TESTED[one.what], source=source)


def _rules(stack: Stack, detection: DetectionFacts | None, found: Sequence[_Found]) -> Iterator[CoverageRow]:
    """One row per alert name. Alerts that read no series are left out: no fault changes them."""
    rules = detection.rules if detection is not None else ()
    unrelated = detection.reading_nothing if detection is not None else frozenset()
    stand_ins = stack.prometheus.stand_ins if stack.prometheus is not None else {}
    for alert in dict.fromkeys(rule.alert for rule in rules):
        if alert not in unrelated:
            note = stand_ins[alert].sentence if alert in stand_ins else ""
            row = _row(alert, found, (Tested.FIRES, Tested.SILENT))
            yield row.model_copy(update={"note": note})


def _degraded(stack: Stack, found: Sequence[_Found]) -> Iterator[CoverageRow]:
    promised = [name for name, cell in found if cell.tested is Tested.DEGRADED]
    for state in dict.fromkeys([*stack.degraded_states, *promised]):
        yield _row(state, found, (Tested.DEGRADED,))


def _row(name: str, found: Iterable[_Found], wanted: tuple[Tested, ...]) -> CoverageRow:
    cells = tuple(cell for what, cell in found if what == name and cell.tested in wanted)
    lacking = tuple(one for one in wanted if not any(cell.tested is one for cell in cells))
    return CoverageRow(name=name, cells=cells, lacking=lacking)


def _faults(stack: Stack, scenarios: Sequence[Scenario], kinds: Sequence[str]) -> Matrix:
    """One row for each service and each kind of fault that a scenario injects into it, then one for each
    service that no scenario breaks.
    """
    found: dict[tuple[str, str], list[Cell]] = {}
    for scenario in scenarios:
        for step in scenario.timeline:
            if not isinstance(step, Fault):
                continue
            for service in step.affected_services(stack):
                source = OutcomeSource(key=TOOK_EFFECT)
                cell = Cell(scenario=scenario.scenario, tested=Tested.BROKEN, source=source)
                cells = found.setdefault((service, step.fault), [])
                if cell not in cells:
                    cells.append(cell)
    rows = [
        CoverageRow(name=service, part=kind, cells=tuple(found[service, kind]))
        for service in stack.services
        for kind in kinds
        if (service, kind) in found
    ]
    hit = {service for service, _ in found}
    rows += [
        CoverageRow(name=service, lacking=(Tested.BROKEN,))
        for service in stack.services
        if service not in hit
    ]
    used = {kind for _, kind in found}
    return Matrix(title="services", columns=tuple(kind for kind in kinds if kind in used), rows=tuple(rows))
