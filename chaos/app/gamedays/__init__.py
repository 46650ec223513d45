"""``host`` and ``debrief``: a game day, while it is played and afterwards; ``pack``: its papers."""
