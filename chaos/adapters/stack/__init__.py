"""The stack of one run on the engine: prepared, started, watched over, and removed without a trace.

In the order of use: ``prepared`` writes the generated files of a run (what is in them is worked out by
``chaos.adapters.overlay``), ``runtime`` starts and stops, ``sweep`` removes by label, and ``watchdog`` does
so when gameday was killed.
"""
