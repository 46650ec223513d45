"""The run folder: written as things happen, readable after a crash, and all that judging ever reads."""

from chaos.journal.folder import RunFolder, create_run_folder
from chaos.journal.reader import load_recording
from chaos.journal.writer import JournalWriter

__all__ = ["JournalWriter", "RunFolder", "create_run_folder", "load_recording"]
