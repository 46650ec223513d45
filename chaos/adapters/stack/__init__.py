"""The run's stack: spliced from a plain compose file, started, watched over, and removed without a trace.

In the order of use: ``compose_file`` reads the plain file, ``topology`` decides which networks and proxies
there are, ``splice`` writes that as an override, ``rules_pace`` compresses the Prometheus files, ``runtime``
starts and stops, ``sweep`` removes by label, ``watchdog`` does so when we are dead.
"""
