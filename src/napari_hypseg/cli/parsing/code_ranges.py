"""Sets of label codes on a command line, such as ``2,3,500-599``."""

import re
from dataclasses import dataclass

from napari_hypseg.errors import SettingError

PART = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?")


@dataclass(frozen=True)
class CodeRanges:
    """Ranges of codes, both ends included."""

    ranges: tuple[range, ...] = ()

    def __contains__(self, code: object) -> bool:
        return any(code in one for one in self.ranges)

    def __bool__(self) -> bool:
        return bool(self.ranges)


def parse_codes(text: str) -> CodeRanges:
    """Codes from words such as ``2,3,500-599``.

    Raises
    ------
    SettingError
        If `text` is something else.
    """
    ranges = []
    for part in text.split(","):
        found = PART.fullmatch(part.strip())
        if found is None or int(found[2] or found[1]) < int(found[1]):
            raise SettingError(f"{text!r} is no list of label codes; write them such as 2,3,500-599.")
        ranges.append(range(int(found[1]), int(found[2] or found[1]) + 1))
    return CodeRanges(tuple(ranges))
