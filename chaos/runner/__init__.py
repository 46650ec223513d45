"""Executes a plan over ports and writes down what happened. It never judges."""

from chaos.runner.control import RunControl
from chaos.runner.needs import Needs
from chaos.runner.observers import ObservedJournal, Observer, ObserverProblem, Observers
from chaos.runner.progress import ClientState, ProbeState, Progress
from chaos.runner.run import Runner

__all__ = [
    "ClientState",
    "Needs",
    "ObservedJournal",
    "Observer",
    "ObserverProblem",
    "Observers",
    "ProbeState",
    "Progress",
    "RunControl",
    "Runner",
]
