"""The operators that the judge does not withstand yet: nothing in a recording shows the change to it.

``python -m tests.metamorphic --operator NAME`` prints the violations of one. Remove its name from here with
the change to the judge that finds it.
"""

VIOLATED = frozenset(
    {
        "journal: lose a kind",
        "journal: lose a kind for a while",
        "load: shift all",
        "load: shift a stretch",
        "load: shift a kind",
        "ledger: lose a tenth",
        "ledger: lose a stretch",
        "ledger: lose a kind for a while",
        "ledger: cut the end",
        "ledger: cut the beginning",
        "ledger: shift all",
        "ledger: shift a stretch",
        "metrics: lose a series",
        "metrics: lose a metric",
        "metrics: lose a stretch of a series",
        "metrics: shift all",
        "readback: lose rows",
        "readback: double rows",
    }
)
