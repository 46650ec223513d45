"""Stacks that outlive one run: warm ones, those that a test breaks by hand, and those of other programs."""
