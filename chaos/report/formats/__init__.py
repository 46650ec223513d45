"""The formats of a run's report: one file for each format."""
