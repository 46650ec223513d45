"""The operators that the judge does not withstand yet: nothing in a recording shows the change to it.

All violations that were found turn PASS into FAIL; none earns a PASS. Most are of recordings of schema
version 2, which have no line numbers. ``python -m tests.metamorphic --operator NAME`` prints the violations
of one. Remove its name from here with the change to the judge that finds it.
"""

VIOLATED = frozenset(
    {
        "ledger: lose a stretch",
        "metrics: shift all",
        "readback: lose rows",
        "readback: double rows",
    }
)
