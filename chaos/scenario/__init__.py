"""Scenario and stack files: from YAML to typed values, with every problem at once and its place."""

from chaos.scenario.detection import read_detection
from chaos.scenario.find import find_scenarios
from chaos.scenario.load import LoadedScenario, load_scenario
from chaos.scenario.procedures import read_procedures
from chaos.scenario.stack_places import find_stack
from chaos.scenario.stack_reader import StackReader
from chaos.scenario.stackfile import LoadedStack, load_stack

__all__ = [
    "LoadedScenario",
    "LoadedStack",
    "StackReader",
    "find_scenarios",
    "find_stack",
    "load_scenario",
    "load_stack",
    "read_detection",
    "read_procedures",
]
