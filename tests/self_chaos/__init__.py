"""Fault injection on gameday itself: a run is injured at a random instant and then examined.

``python -m tests.self_chaos --runs 60`` (``make chaos-self RUNS=60``) writes the table docs/self-chaos.md.
"""
