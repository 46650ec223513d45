"""A game day as data: its file, its journal, and everything that is computed from the journal. Pure."""
