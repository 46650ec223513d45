"""Writes post-mortems: Markdown with every section of the incident guide, filled from the recordings."""

from chaos.post_mortem.blame import Blame, blame_in
from chaos.post_mortem.markdown import LATE, SECTIONS, blanks_in, drawn, missing_sections
from chaos.post_mortem.model import PostMortem
from chaos.post_mortem.of_game_day import PlayedScenario, of_game_day
from chaos.post_mortem.of_incident import of_incident
from chaos.post_mortem.of_run import of_run
from chaos.post_mortem.place import existing, file_name, is_of_drill, next_number, record_of

__all__ = [
    "LATE",
    "SECTIONS",
    "Blame",
    "PlayedScenario",
    "PostMortem",
    "blame_in",
    "blanks_in",
    "drawn",
    "existing",
    "file_name",
    "is_of_drill",
    "missing_sections",
    "next_number",
    "of_game_day",
    "of_incident",
    "of_run",
    "record_of",
]
