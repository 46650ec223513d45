"""A chaos-engineering and game-day harness: scenarios in, verdict and debrief out.

Map: docs/whats-here.md.
"""
