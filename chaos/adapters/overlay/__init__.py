"""Computes what a run adds to a plain compose project: pure functions of values.

In the order of use: ``compose_file`` reads the project that Compose rendered, ``topology`` decides which
networks and proxies exist, ``splice`` builds the override for that, ``override`` writes its YAML, and
``paced_rules`` compresses the Prometheus files. ``chaos.adapters.stack`` carries it out.
"""
