"""What checks share, for built-in checks and for those of other packages alike (docs/checks.md).

- ``words``: lengths and counts for people, evidence with its instant, marks that depend on a figure.
- ``alerts``: the alert history of a run. ``breakers``, ``breaker_bounds``: the states of a breaker.
- ``health``, ``recovery_course``, ``recovery_stages``: when clients were served well.
- ``losses``: the writes of a ledger compared with the failure.
- ``density``, ``scrapes``: does a window hold enough data? ``slowness``: what a saturated machine explains.

Every reader raises ``CannotTell`` if the recording lacks what it needs. A function that asks whether
there is enough data returns a ``Doubt`` or None.
"""

from chaos.checks.kit.words import count, falling, since_start, span

__all__ = ["count", "falling", "since_start", "span"]
