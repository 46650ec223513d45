"""A compose project as Compose resolves it, read without Compose.

In the order of use: ``text`` reads a file's documents, ``interpolation`` fills in variables, ``merge``
merges one document onto another, ``project`` follows override files, ``include``, ``extends`` and env files.
"""
