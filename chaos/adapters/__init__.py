"""The edge: the only code that talks to Docker, Toxiproxy and Prometheus. It translates their errors."""
