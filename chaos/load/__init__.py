"""Sends an open-loop load with Locust, in a separate process.

gameday imports ``process``. The child process runs ``worker``, the only module that imports Locust and
gevent. The package itself imports neither: gevent patches the whole interpreter, and Locust takes 0.4 s.
"""
