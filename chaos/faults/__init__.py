"""The kinds of faults. One file per kind, with its name, parameters and behaviour."""
