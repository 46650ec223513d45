"""The edge: only here is spoken to Docker, Toxiproxy and Prometheus. Foreign errors end here."""
