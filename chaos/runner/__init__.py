"""Executes a plan over ports and records what happens. It never judges."""

from chaos.runner.control import RunControl
from chaos.runner.observers import ObservedJournal, Observer, ObserverProblem, Observers
from chaos.runner.progress import BreakerReading, ClientState, ProbeState, Progress
from chaos.runner.run import Runner
from chaos.runner.run_ports import RunPorts

__all__ = [
    "BreakerReading",
    "ClientState",
    "ObservedJournal",
    "Observer",
    "ObserverProblem",
    "Observers",
    "ProbeState",
    "Progress",
    "RunControl",
    "RunPorts",
    "Runner",
]
