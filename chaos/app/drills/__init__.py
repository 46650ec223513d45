"""``drill``: plays or completes a drill, and reports it."""
