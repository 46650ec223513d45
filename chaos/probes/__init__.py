"""Repeated measurements during a run: HTTP, PromQL, containers, links, rules, machine, evidence of checks.

Each loop passes events to ``write``, takes its time from ``clock``, and runs until it is cancelled. Only
``watch_guardrails`` ends by itself.
"""
