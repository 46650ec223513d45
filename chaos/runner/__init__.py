"""Executes a plan over ports and writes down what happened. It never judges."""

from chaos.runner.needs import Needs
from chaos.runner.progress import Progress
from chaos.runner.run import Runner

__all__ = ["Needs", "Progress", "Runner"]
