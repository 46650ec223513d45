"""The verbs, and the only place that builds adapters."""
