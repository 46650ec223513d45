"""The formats in which the report of a run is drawn: one file a format."""
