"""The stack of one run on the engine: prepared, started, guarded, and removed without a trace.

In the order of use: ``prepared`` writes the generated files of a run (their content comes from
``chaos.adapters.overlay``), ``runtime`` starts and stops, ``sweep`` removes by label, and ``watchdog`` does
so when gameday was killed.
"""
