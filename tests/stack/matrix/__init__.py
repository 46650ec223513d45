"""Is an application that refuses, hangs or is slow judged right, whatever was promised of it?

One scenario a kind of fault holds a promise for every cell. A client of its own says beside the run what
the application really did. ``make matrix`` runs all of it; docs/matrix.md shows the result.
"""
