"""Draws judged recordings: an offline HTML file, Markdown and JUnit for a run, and a summary of several."""

from chaos.report.broken import BrokenRun
from chaos.report.findings import KnownFindings
from chaos.report.summary import Summary
from chaos.report.write import write_reports, write_summary

__all__ = ["BrokenRun", "KnownFindings", "Summary", "write_reports", "write_summary"]
