"""Reads PromQL: the series of a rule, how long it needs to show a change, and how the pace changes it. Pure.

durations   reads and divides Prometheus durations
syntax      parses expressions, and the questions about a tree that several modules ask
selectors   which series an expression reads
pipeline    how long a change needs to reach an alert
meaning     how the pace changes the meaning of an expression
compress    writes the expression for a run at a pace
threshold   finds and replaces the threshold of an alert
"""
