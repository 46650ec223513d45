"""Recordings of real runs, kept small, and what each of them must be judged.

README.md says how they were made and how expected.tsv is written again.
"""
