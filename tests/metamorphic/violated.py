"""The operators that the judge does not withstand yet: nothing in a recording shows the change to it.

All violations that were found turn PASS into FAIL; none earns a PASS. Most are of recordings of schema
version 2, which have no line numbers. ``python -m tests.metamorphic --operator NAME`` prints the violations
of one. Remove its name from here with the change to the judge that finds it.
"""

VIOLATED = frozenset(
    {
        "journal: lose a tenth",
        "journal: lose a kind",
        "journal: shift a kind",
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
        "metrics: another replica",
        "metrics: shift a series",
        "metrics: shift all",
        "readback: lose rows",
        "readback: double rows",
    }
)
