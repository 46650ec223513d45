"""Repeated measurements while a run goes on: HTTP, PromQL, the host, the state of containers.

Each loop writes events through a callable, takes its time from the clock it is given, and runs until it
is cancelled.
"""
