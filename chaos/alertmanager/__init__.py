"""Reads alertmanager.yml: who receives an alert at a given instant, and what silences it. Pure."""
