"""The live pages of a game day: a small web server that shows the journal and accepts entries.

It does not run scenarios itself. The host of the day passes it an object that does
(``chaos.console.running``).
"""
