"""Writes the run folder during the run and reads it again, even after a crash. Judging reads nothing else."""

from chaos.journal.folder import RunFolder, create_run_folder
from chaos.journal.place import RunPlace
from chaos.journal.reader import load_recording
from chaos.journal.writer import JournalWriter, redacted

__all__ = ["JournalWriter", "RunFolder", "RunPlace", "create_run_folder", "load_recording", "redacted"]
