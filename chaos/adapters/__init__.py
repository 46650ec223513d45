"""The edge: the only code that speaks to Docker, Toxiproxy and Prometheus. Foreign errors are translated here."""
