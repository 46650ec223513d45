"""What a run adds to a plain compose project, worked out without touching anything: pure functions of values.

In the order of use: ``compose_file`` reads the project that Compose rendered, ``topology`` decides which
networks and proxies there are, ``splice`` states that as an override, ``override`` writes its YAML, and
``paced_rules`` compresses the Prometheus files. ``chaos.adapters.stack`` carries it out.
"""
