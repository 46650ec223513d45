"""What the harness itself costs. ``python -m bench`` prints the figures; bench/README.md says what they
were.
"""
