"""What a Prometheus rule reads, how long it needs, and what the pace makes of it. Pure: text in, values out.

``durations`` is the one home of Prometheus durations, ``syntax`` the only module that knows the parser,
``selectors`` says which series an expression reads, ``pipeline`` how long a change needs to reach an alert,
``meaning`` what the pace does to an expression, ``compress`` writes the compressed copy.
"""
