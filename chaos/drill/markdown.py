"""The report of a drill as Markdown: for the summary page of a CI job, and for a wiki."""

from __future__ import annotations

from chaos.drill.objectives import ObjectiveRow, TargetView
from chaos.drill.view import BarView, DrillView, RunView
from chaos.model.verdict import Outcome
from chaos.report import human
from chaos.report.markdown import SIGNS, sentence, table, text

BLANK = "`[fill in]`"
NOT_WHOLE = "This grade covers only the scenarios below. It is not the grade of the whole, unchanged drill."
ROLES = ("Drill lead", "Owner of the service", "Reviewer or auditor")
_STATES = {"kept": "✅", "missed": "❌", "not measured": "❔"}


def drill_markdown(view: DrillView) -> str:
    """Grade, score, objectives, scenarios, steps, losses, action items, freshness, evidence, sign-off."""
    blocks = [
        f"_{sentence(view.pace_line)}_",
        f"## {SIGNS[view.outcome]} {text(view.title)}: {_grade(view)}, {_number(view)}",
        _origin(view),
        text(view.headline),
        _limits(view),
        _objectives(view),
        _score(view),
        _scenarios(view),
        _steps(view),
        _losses(view),
        _actions(view),
        _past(view),
        _evidence(view),
        _sign_off(view),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _origin(view: DrillView) -> str:
    meaning = f"\n\n_{text(view.pace_meaning)}_" if view.pace_meaning else ""
    return text(view.origin) + meaning


def _grade(view: DrillView) -> str:
    return "no grade" if view.score.missing else f"grade {view.score.grade}"


def _number(view: DrillView) -> str:
    if view.score.missing:
        return f"**not complete**: {human.count(len(view.score.missing), 'scenario')} missing"
    return f"{view.score.total} / 100" + ("" if view.score.certifiable else ", **not certifiable**")


def _limits(view: DrillView) -> str:
    lines = [f"- Variables changed by --env: {text(', '.join(view.changes))}"] if view.changes else []
    lines += [] if view.complete else [f"- {NOT_WHOLE}"]
    lines += [f"- Evidence changed since it was sealed: {text(', '.join(view.tampered))}"] * bool(
        view.tampered
    )
    lack = "was changed" if view.tampered else "is missing"
    lines += [] if view.score.certifiable else [f"- Not certifiable: some required evidence {lack}."]
    lines += [f"- No grade, a scenario is missing. {text(one)}" for one in view.score.missing]
    lines += [f"- Capped at {view.score.cap:g}: {text(reason)}" for reason in view.score.caps]
    return "\n".join(lines)


def _score(view: DrillView) -> str:
    def rows(bars: tuple[BarView, ...]) -> list[tuple[str, ...]]:
        return [(text(bar.name), text(bar.text), text(bar.note)) for bar in bars]

    parts = ["### Score", table(("dimension", "score", ""), rows(view.score.dimensions))]
    return "\n\n".join([*parts, table(("service tier", "score", ""), rows(view.score.tiers))])


def _target(target: TargetView) -> tuple[str, str, str]:
    state = f"{_STATES[target.state]} {target.state} ({text(target.note)})"
    return text(target.target), text(target.value), state


def _named(row: ObjectiveRow) -> str:
    return text(f"{row.name} ({row.explained})" if row.explained else row.name)


def _objectives(view: DrillView) -> str:
    rows = [
        (_named(row), "–" if row.tier is None else str(row.tier), *_target(row.rto), *_target(row.rpo))
        for row in view.objectives
    ]
    head = ("objective", "tier", "RTO target", "measured", "", "RPO target", "measured", "")
    said = table(head, rows) if rows else "No stack.yaml names an objective."
    return f"### Recovery objectives: measured against target\n\n{said}"


def _scenarios(view: DrillView) -> str:
    rows = [
        (
            f"{SIGNS[run.outcome or Outcome.INCONCLUSIVE]} {run.outcome or 'no verdict'}",
            f"[{text(run.title)}]({run.link})" if run.link else text(run.title),
            run.tier,
            run.outage,
            run.rpo,
            run.score + ("" if run.certifiable else ", not certifiable"),
            run.worth,
        )
        for run in view.runs
    ]
    head = ("", "scenario", "tier", "outage", "data lost", "score", "worth")
    said = table(head, rows) if rows else "No data: the drill had no scenario to run."
    return "\n\n".join(part for part in ("### Scenarios", said, _reasons(view.runs)) if part)


def _reasons(runs: tuple[RunView, ...]) -> str:
    return "\n".join(
        f"- **{text(run.title)}**: {text(run.reason)}" for run in runs if run.outcome is not Outcome.PASS
    )


def _steps(view: DrillView) -> str:
    rows = [
        (text(one.procedure), text(step.step), step.planned_text, step.measured_text)
        for one in view.steps.procedures
        for step in one.steps
    ]
    said = table(("procedure", "step", "planned", "measured"), rows) if rows else "No procedure ran."
    return f"### Procedures: planned against measured\n\n{said}"


def _losses(view: DrillView) -> str:
    rows = [(text(run.scenario), run.outage, run.cost or "not known", run.rpo) for run in view.losses.runs]
    rows += [("**together**", view.losses.outage, view.losses.cost or "not known", "")]
    parts = ["### What was lost"]
    parts += [f"Money: {text(view.losses.formula)}."] if view.losses.formula else []
    parts.append(table(("scenario", "outage", "money", "data lost (RPO)"), rows))
    for run in view.losses.runs:
        for one in run.data:
            counts = " · ".join(f"{text(name)}: {text(value)}" for name, value in one.counts)
            lines = [f"- **{text(run.scenario)}**, {text(one.title)}: {text(one.actual)}"]
            lines += [f"  - {counts}"] if counts else []
            lines += [f"  - {text(line)}" for line in one.lines]
            lines += [f"  - and {one.more} more in the run's own report"] if one.more else []
            parts.append("\n".join(lines))
    return "\n\n".join(parts)


def _actions(view: DrillView) -> str:
    lost = [
        (f"−{one.points}", text(one.reason), text(one.where), str(one.action or ""))
        for one in view.actions.lost
    ]
    items = [
        (str(item.number), text(item.fix), item.points, BLANK, BLANK, BLANK) for item in view.actions.items
    ]
    head = ("no.", "what to fix", "points", "owner", "due", "re-test")
    return "\n\n".join(
        [
            "### Lost points",
            table(("points", "why", "where", "action"), lost)
            if lost
            else "No points lost in what could be judged.",
            "### Action items",
            table(head, items) if items else "None: no point was lost.",
        ]
    )


def _past(view: DrillView) -> str:
    parts = ["### Freshness and trend"]
    parts += ["\n".join(f"- {text(one.procedure)}: {text(one.text)}" for one in view.past.fresh)]
    parts += [text(view.past.comparison)]
    rows = [(one.when, one.total, one.grade, "" if one.certifiable else "no") for one in view.past.trend]
    parts += [table(("drill", "score", "grade", "certifiable"), rows)] if rows else []
    return "\n\n".join(part for part in parts if part)


def _evidence(view: DrillView) -> str:
    rows = [
        (
            text(run.folder) or f"{text(run.scenario)}: none",
            f"`{run.manifest_sha256}`" if run.manifest_sha256 else "none",
            text(run.seal) or "not checked",
        )
        for run in view.runs
    ]
    return "### Evidence\n\n" + table(("run folder", "SHA-256 of manifest.json", "seal"), rows)


def _sign_off(view: DrillView) -> str:
    rows = [(role, BLANK, BLANK, BLANK) for role in ROLES]
    said = f"{text(view.title)}. {text(view.id)}, {human.instant(view.at)}: "
    said += f"grade {view.score.grade}, {_number(view)}"
    return f"### Sign-off\n\n{said}\n\n" + table(("role", "name", "signature", "date"), rows)
