"""Open-loop load by Locust, sent from a process of its own.

``process`` is what the harness imports; ``worker`` runs in the child and is the only module that knows
Locust and gevent. Importing this package loads neither (gevent patches the whole interpreter, and Locust
takes 0.4 s to import).
"""
