"""One file for each kind of check. The listing of this folder shows everything that gameday can judge."""
