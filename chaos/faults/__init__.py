"""One file a kind: its name, parameters, behaviour. The listing of this folder is what the harness can break."""
