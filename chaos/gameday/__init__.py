"""A game day as data: its file, its journal, and everything that gameday computes from the journal.

Only ``files``, ``journal``, ``load``, ``policy`` and ``schema`` use the disk; nothing here uses the network.
"""
