"""The run folder: written as things happen, readable after a crash, and all that judging ever reads."""

from chaos.journal.folder import RunFolder, create_run_folder
from chaos.journal.place import RunPlace
from chaos.journal.reader import load_recording
from chaos.journal.writer import JournalWriter, redacted

__all__ = ["JournalWriter", "RunFolder", "RunPlace", "create_run_folder", "load_recording", "redacted"]
