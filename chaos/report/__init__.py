"""Draws judged recordings: one offline HTML file, Markdown and JUnit for a run, and a summary of several runs."""

from chaos.report.write import write_reports, write_summary

__all__ = ["write_reports", "write_summary"]
