"""PDFs that come out the same every time: the moment of making and what depends on it, fixed.

Every replacement has the length of what it replaces, so the offsets in the file's cross-reference table hold.
"""

import re

_DATE = re.compile(rb"(?<=\(D:)\d{14}(?=[^)]*\))")
_IDENTIFIER = re.compile(rb"(?<=<)[0-9A-Fa-f]{32}(?=>)")
_CHECKSUM = re.compile(rb"(?<=/DocChecksum /)[0-9A-F]{32}")


def without_dates(pdf: bytes) -> bytes:
    """`pdf` with its dates set to the first second of 2026 and its identifiers to noughts."""
    dated = _DATE.sub(b"20260101000000", pdf)
    head, trailer, rest = dated.rpartition(b"trailer")
    if not trailer:
        return dated
    return head + trailer + _CHECKSUM.sub(b"0" * 32, _IDENTIFIER.sub(b"0" * 32, rest))
