"""One file a kind: its name, parameters, behaviour. The folder listing is what the harness can break."""
