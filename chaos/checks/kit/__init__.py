"""What checks share, for built-in checks and for those of other packages alike (docs/checks.md).

- ``words``: lengths and counts for people, evidence with its instant, marks that fall with a figure.
- ``alerts``: the alert history of a run. ``breakers``, ``breaker_bounds``: the states of a breaker.
- ``health``, ``recovery_course``, ``recovery_stages``: when clients were served well.
- ``losses``: the writes of a ledger held against the failure.
- ``density``, ``scrapes``: does a window hold enough data? ``slowness``: what a saturated machine excuses.

Every reader raises ``CannotTell`` where the recording does not hold what it needs. What asks
whether there is enough data returns a ``Doubt`` or None.
"""

from chaos.checks.kit.words import count, falling, since_start, span

__all__ = ["count", "falling", "since_start", "span"]
