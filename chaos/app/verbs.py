"""Every command of ``gameday``. Each imports its module when it is called: ``gameday --help`` needs none."""

from __future__ import annotations

from argparse import Namespace

from chaos.app.world import World
from chaos.errors import ExitCode


def init(arguments: Namespace, world: World) -> ExitCode:
    from chaos.app.authoring import run_init

    return run_init(arguments, world)


def validate(arguments: Namespace, world: World) -> ExitCode:
    from chaos.app.authoring import run_validate

    return run_validate(arguments, world)


def plan(arguments: Namespace, world: World) -> ExitCode:
    from chaos.app.authoring import run_plan

    return run_plan(arguments, world)


def kinds(arguments: Namespace, world: World) -> ExitCode:
    from chaos.app.authoring import run_kinds

    return run_kinds(arguments, world)


def runbooks(arguments: Namespace, world: World) -> ExitCode:
    from chaos.app.runbooks import run_runbooks

    return run_runbooks(arguments, world)


def run(arguments: Namespace, world: World) -> ExitCode:
    from chaos.app.runs import run_run

    return run_run(arguments, world)


def drill(arguments: Namespace, world: World) -> ExitCode:
    from chaos.app.drill import run_drill

    return run_drill(arguments, world)


def judge(arguments: Namespace, world: World) -> ExitCode:
    from chaos.app.runs import run_judge

    return run_judge(arguments, world)


def report(arguments: Namespace, world: World) -> ExitCode:
    from chaos.app.runs import run_report

    return run_report(arguments, world)


def verify(arguments: Namespace, world: World) -> ExitCode:
    from chaos.app.seals import run_verify

    return run_verify(arguments, world)


def history(arguments: Namespace, world: World) -> ExitCode:
    from chaos.app.history import run_history

    return run_history(arguments, world)


def compare(arguments: Namespace, world: World) -> ExitCode:
    from chaos.app.comparison import run_compare

    return run_compare(arguments, world)


def gate(arguments: Namespace, world: World) -> ExitCode:
    from chaos.app.regression_gate import run_gate

    return run_gate(arguments, world)


def doctor(arguments: Namespace, world: World) -> ExitCode:
    from chaos.app.machine import run_doctor

    return run_doctor(arguments, world)


def images(arguments: Namespace, world: World) -> ExitCode:
    from chaos.app.machine import run_images

    return run_images(arguments, world)


def clean(arguments: Namespace, world: World) -> ExitCode:
    from chaos.app.machine import run_clean

    return run_clean(arguments, world)
