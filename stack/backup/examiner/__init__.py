"""Examines the stack's backups: facts are gathered from copies, restores and tools; pure rules turn them into
findings."""
