"""What happened: recorded events and samples, and pure questions about them."""
