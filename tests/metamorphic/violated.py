"""The operators that the judge does not withstand in recordings before version 3: nothing in those shows the
change to it, as they have no line numbers, no counts of rows, and no counters of Prometheus.

All violations turn PASS into FAIL; none earns a PASS. Recordings of the current version withstand every
operator. ``python -m tests.metamorphic --operator NAME`` prints the violations of one.
"""

VIOLATED_BEFORE_3 = frozenset(
    {
        "ledger: lose a stretch",
        "metrics: shift all",
        "readback: lose rows",
        "readback: double rows",
    }
)
