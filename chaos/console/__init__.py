"""The live pages of a game day: a small web server over the journal.

It starts nothing by itself: whoever hosts a day hands it something that runs scenarios
(``chaos.console.running``).
"""
