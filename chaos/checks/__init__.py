"""One file a kind: what a recording must show. The listing of this folder is what the harness can judge."""
