"""Properties of the verdict over kept runs: what is done to the files of a run never earns it a verdict.

Whatever part of a recording is removed, doubled, cut, reordered or shifted, a verdict that is not PASS does
not become PASS, and PASS does not become FAIL.
``python -m tests.metamorphic`` prints the violations.
"""
