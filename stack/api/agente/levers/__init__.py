"""Faults of the API itself, ordered by an operator for a game day: one file a fault."""
