"""Takes from this process what root may do, for a while: files of mode 0 then stay closed in tests, too."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager

_VERSION = 0x20080522  # of the structures of capget and capset
_DAC_OVERRIDE, _DAC_READ_SEARCH = 1 << 1, 1 << 2  # reading and writing what the modes of files forbid


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("thread", ctypes.c_int))


class _Word(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inherit", ctypes.c_uint32))


_libc = ctypes.CDLL(None, use_errno=True)


def _call(name: str, words: object) -> None:
    if getattr(_libc, name)(ctypes.byref(_Header(_VERSION, 0)), words) != 0:
        raise OSError(ctypes.get_errno(), name)


@contextmanager
def ordinary_user() -> Iterator[None]:
    """Only this thread, and only until the end of the block. Nothing changes for a user who is not root."""
    words = (_Word * 2)()
    _call("capget", words)
    had = words[0].effective
    words[0].effective = had & ~(_DAC_OVERRIDE | _DAC_READ_SEARCH)
    _call("capset", words)
    try:
        yield
    finally:
        words[0].effective = had
        _call("capset", words)


def closed(path: str | os.PathLike[str], mode: int = 0) -> None:
    """Take every permission from a file or a folder of a test."""
    os.chmod(path, mode)
