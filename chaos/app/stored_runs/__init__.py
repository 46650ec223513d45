"""What is done with run folders: judge, report, seal, compare, export, and keep the history."""
