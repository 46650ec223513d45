"""What happened: events and samples as they were written down, and pure questions about them."""
