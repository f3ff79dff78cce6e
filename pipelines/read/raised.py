"""Digits set small and high: the mark of a note, which must not become a digit of the number that it follows.

Belongs here: how such a mark is written as text. Does not: how a format says that text is raised, or what a mark
means (`pipelines.recognise.numbers`).
"""

import re

_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_MARK = re.compile(r"\s*[0-9]{1,2}\s*")


def raised(text: str, before: str) -> str:
    """Raised `text` as it goes on after `before`: one or two digits become superscripts, Unicode's signs for them.

    Where nothing stands before it in its line, it is no mark of anything, and a style went astray.
    """
    return text.translate(_SUPERSCRIPTS) if _MARK.fullmatch(text) and before.strip() else text
