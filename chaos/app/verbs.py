"""Every command of ``gameday``. Each imports its module when it is called: ``gameday --help`` needs none."""

from __future__ import annotations

from argparse import Namespace

from chaos.app.command_context import CommandContext
from chaos.errors import ExitCode


def init(arguments: Namespace, context: CommandContext) -> ExitCode:
    from chaos.app.offline_verbs import run_init

    return run_init(arguments, context)


def validate(arguments: Namespace, context: CommandContext) -> ExitCode:
    from chaos.app.offline_verbs import run_validate

    return run_validate(arguments, context)


def preflight(arguments: Namespace, context: CommandContext) -> ExitCode:
    from chaos.app.preflight import run_preflight

    return run_preflight(arguments, context)


def plan(arguments: Namespace, context: CommandContext) -> ExitCode:
    from chaos.app.offline_verbs import run_plan

    return run_plan(arguments, context)


def kinds(arguments: Namespace, context: CommandContext) -> ExitCode:
    from chaos.app.offline_verbs import run_kinds

    return run_kinds(arguments, context)


def runbooks(arguments: Namespace, context: CommandContext) -> ExitCode:
    from chaos.app.runbooks import run_runbooks

    return run_runbooks(arguments, context)


def run(arguments: Namespace, context: CommandContext) -> ExitCode:
    from chaos.app.runs import run_run

    return run_run(arguments, context)


def drill(arguments: Namespace, context: CommandContext) -> ExitCode:
    from chaos.app.drills.drill import run_drill

    return run_drill(arguments, context)


def judge(arguments: Namespace, context: CommandContext) -> ExitCode:
    from chaos.app.stored_runs.rejudge import run_judge

    return run_judge(arguments, context)


def report(arguments: Namespace, context: CommandContext) -> ExitCode:
    from chaos.app.stored_runs.rejudge import run_report

    return run_report(arguments, context)


def verify(arguments: Namespace, context: CommandContext) -> ExitCode:
    from chaos.app.stored_runs.seals import run_verify

    return run_verify(arguments, context)


def history(arguments: Namespace, context: CommandContext) -> ExitCode:
    from chaos.app.stored_runs.history import run_history

    return run_history(arguments, context)


def fire_alarm(arguments: Namespace, context: CommandContext) -> ExitCode:
    from chaos.app.fire_alarm import run_fire_alarm

    return run_fire_alarm(arguments, context)


def coverage(arguments: Namespace, context: CommandContext) -> ExitCode:
    from chaos.app.coverage import run_coverage

    return run_coverage(arguments, context)


def compare(arguments: Namespace, context: CommandContext) -> ExitCode:
    from chaos.app.stored_runs.comparison import run_compare

    return run_compare(arguments, context)


def gate(arguments: Namespace, context: CommandContext) -> ExitCode:
    from chaos.app.stored_runs.regression_gate import run_gate

    return run_gate(arguments, context)


def detect(arguments: Namespace, context: CommandContext) -> ExitCode:
    from chaos.app.detector import run_detect

    return run_detect(arguments, context)


def incidents(arguments: Namespace, context: CommandContext) -> ExitCode:
    from chaos.app.incident_report import run_incidents

    return run_incidents(arguments, context)


def new(arguments: Namespace, context: CommandContext) -> ExitCode:
    from chaos.app.new_scenario import run_new

    return run_new(arguments, context)


def export(arguments: Namespace, context: CommandContext) -> ExitCode:
    from chaos.app.stored_runs.export import run_export

    return run_export(arguments, context)


def completion(arguments: Namespace, context: CommandContext) -> ExitCode:
    from chaos.app.completion import run_completion

    return run_completion(arguments, context)


def doctor(arguments: Namespace, context: CommandContext) -> ExitCode:
    from chaos.app.machine import run_doctor

    return run_doctor(arguments, context)


def images(arguments: Namespace, context: CommandContext) -> ExitCode:
    from chaos.app.machine import run_images

    return run_images(arguments, context)


def clean(arguments: Namespace, context: CommandContext) -> ExitCode:
    from chaos.app.machine import run_clean

    return run_clean(arguments, context)


def host(arguments: Namespace, context: CommandContext) -> ExitCode:
    from chaos.app.gamedays.host import run_host

    return run_host(arguments, context)


def debrief(arguments: Namespace, context: CommandContext) -> ExitCode:
    from chaos.app.gamedays.debrief import run_debrief

    return run_debrief(arguments, context)


def on_call(arguments: Namespace, context: CommandContext) -> ExitCode:
    from chaos.app.on_call import run_on_call

    return run_on_call(arguments, context)


def post_mortem(arguments: Namespace, context: CommandContext) -> ExitCode:
    from chaos.app.post_mortem import run_post_mortem

    return run_post_mortem(arguments, context)


def findings(arguments: Namespace, context: CommandContext) -> ExitCode:
    from chaos.app.findings import run_findings

    return run_findings(arguments, context)


def review(arguments: Namespace, context: CommandContext) -> ExitCode:
    from chaos.app.review import run_review

    return run_review(arguments, context)


def programme(arguments: Namespace, context: CommandContext) -> ExitCode:
    from chaos.app.programme import run_programme

    return run_programme(arguments, context)


def pack(arguments: Namespace, context: CommandContext) -> ExitCode:
    from chaos.app.gamedays.pack import run_pack

    return run_pack(arguments, context)
