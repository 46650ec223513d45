"""The hotel agent's API: the system that must survive."""
