"""Compose profiles: a scenario activates only profiles that exist, and names only services that run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from chaos.errors import Problem
from chaos.kinds import Fault
from chaos.model.scenario import Scenario
from chaos.model.stack import CLIENTS, ServiceRole, Stack
from chaos.model.variables import Variables
from chaos.scenario.compose import ComposeService
from chaos.scenario.parts import Parts
from chaos.scenario.places import Document, Loc
from chaos.suggestions import known_words


def misnamed_profiles(
    stack: Stack, composed: Mapping[str, ComposeService], document: Document
) -> Iterator[Problem]:
    """A problem for each service whose ``profile:`` in stack.yaml is not one of its profiles in Compose."""
    for name, service in stack.services.items():
        profiles = composed[name].profiles if name in composed else ()
        if name not in composed or service.profile in (profiles or (None,)):
            continue
        has = f"the profile {' or '.join(profiles)}" if profiles else "no profile"
        fix = f"write profile: {profiles[0]}" if profiles else "remove profile:"
        loc: Loc = ("services", name, *(("profile",) if service.profile else ()))
        yield document.problem(loc, f"service {name} has {has} in {stack.compose}", fix)


def check_profiles(
    document: Document, parts: Parts, stack: Stack, composed: Mapping[str, ComposeService]
) -> Iterator[Problem]:
    """Unknown profiles, and services that the scenario names and that no active profile starts."""
    scenario = parts.scenario
    known = {profile for service in composed.values() for profile in service.profiles}
    for index, profile in enumerate(scenario.profiles):
        if profile not in known:
            fix = known_words(profile, known)
            yield document.problem(("profiles", index), f"unknown profile {profile!r}", fix)
    active = stack.with_profiles(scenario.profiles).services
    for loc, name in (*_named(document, parts, stack), *_environment(scenario)):
        if name in stack.services and name not in active:
            needed = stack.services[name].profile
            message = f"service {name!r} needs the profile {needed}, which is not active"
            yield document.problem(loc, message, f"add profiles: [{needed}]")


def check_environment(
    document: Document, stack: Stack, scenario: Scenario, variables: Variables
) -> Iterator[Problem]:
    """A problem for each name under ``env:`` of a scenario that is not a variable of an existing service."""
    active = stack.with_profiles(scenario.profiles)
    for name in scenario.env:
        service, dot, variable = name.rpartition(".")
        if dot and service not in stack.services:
            message, fix = f"unknown service {service!r}", known_words(service, stack.services)
            yield document.problem(("env", name), message, fix, key=True)
        elif not variable.isidentifier():
            message = f"{variable!r} is not a valid variable name"
            yield document.problem(("env", name), message, "write VARIABLE or SERVICE.VARIABLE", key=True)
        elif not dot and not any(found.role is ServiceRole.APP for found in stack.services.values()):
            message = "no service of the stack has the role app"
            yield document.problem(("env", name), message, f"write SERVICE.{variable}", key=True)
        elif dot and service not in active.services:
            continue  # already reported as a missing profile
        elif not variables.takers(active, service if dot else None, variable):
            message, fix = variables.refusal(active, service if dot else None, variable)
            yield document.problem(("env", name), message, fix, key=True)


def _environment(scenario: Scenario) -> Iterator[tuple[Loc, str]]:
    for name in scenario.env:
        service, dot, _ = name.rpartition(".")
        if dot:
            yield ("env", name), service


def _named(document: Document, parts: Parts, stack: Stack) -> Iterator[tuple[Loc, str]]:
    """(place, service) of every service that a scenario breaks or probes."""
    entries = document.data.get("steady_state")
    for index in range(len(entries)) if isinstance(entries, list) else ():
        loc: Loc = ("steady_state", index, "http", "service")
        service = document.at(loc)
        if isinstance(service, str):
            yield loc, service
    scenario = parts.scenario
    if scenario.load is not None and scenario.load.profile in stack.load:
        yield ("load",), stack.load[scenario.load.profile].entry.target
    for located in parts.steps:
        step = located.value
        names = list(step.affected_services(stack)) if isinstance(step, Fault) and not _hits_all(step) else []
        names += [link.client for link in stack.link_names() if str(link) in step.links()]
        for name in dict.fromkeys(names):
            if name != CLIENTS:
                yield located.loc, name


def _hits_all(step: Fault) -> bool:
    """Does it affect every service, instead of services by name?"""
    return not step.services() and not step.links() and not step.levers()
