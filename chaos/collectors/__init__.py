"""Collector kinds, one file each: what reads evidence for a check while a run goes on."""
