"""The live pages of a game day: a small web server over the journal.

It starts nothing on its own: the host of a day passes it something that runs scenarios
(``chaos.console.running``).
"""
