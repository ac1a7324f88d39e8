"""File names made from other names, shortened to what file systems allow."""

import hashlib
import os

LONGEST = 255
"""Bytes of a name on all usual file systems."""
DESKTOP = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
"""Files that file managers create by themselves; they may be removed with a folder."""
_DIGITS = 8


def fitted(stem: str, ending: str) -> str:
    """`stem` and `ending` as a file name; a stem that is too long is cut and gets a few digits of its hash.

    Raises
    ------
    ValueError
        If the ending alone is too long.
    """
    room = LONGEST - len(os.fsencode(ending))
    if len(os.fsencode(stem)) <= room:
        return stem + ending
    digits = f"-{hashlib.sha256(os.fsencode(stem)).hexdigest()[:_DIGITS]}"
    if room < len(digits):
        raise ValueError(f"the ending {ending!r} leaves no room for a name")
    kept = stem[:LONGEST]
    while len(os.fsencode(kept + digits)) > room:  # no sign of several bytes is cut
        kept = kept[:-1]
    return f"{kept}{digits}{ending}"
