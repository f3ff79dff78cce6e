"""Aligning what is printed with what the form has, in order, as a whole.

A damaged or missing label cannot be placed by itself; between its neighbours it can. So rows are matched by one
global alignment (Needleman and Wunsch's), not one by one.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pair:
    """Printed item `printed` is the form's item `expected`; `merged` if it continues in the next printed one."""

    printed: int
    expected: int
    merged: bool = False


def align(
    printed: int,
    expected: int,
    *,
    score: Callable[[int, int], float],
    merged_score: Callable[[int, int], float | None],
    skip_printed: Callable[[int], float],
    skip_expected: float,
) -> tuple[Pair, ...]:
    """The best order-preserving pairing of `printed` items with `expected` ones.

    Args:
        printed: how many items are printed.
        expected: how many items the form has.
        score: gain of pairing printed i with expected j.
        merged_score: gain of pairing printed i and i + 1 together with expected j; None where they cannot merge.
        skip_printed: gain (negative: cost) of leaving printed i unpaired.
        skip_expected: the same for any expected item.
    """
    best = [[0.0] * (expected + 1) for _ in range(printed + 1)]
    step: list[list[str]] = [[""] * (expected + 1) for _ in range(printed + 1)]
    skipping = [skip_printed(i) for i in range(printed)]
    # Written out, not with `max` over options: this runs for every row of every report against every row of the form.
    for i in range(printed, -1, -1):
        for j in range(expected, -1, -1):
            if i == printed and j == expected:
                continue
            gain, taken = -math.inf, ""
            if i < printed:
                gain, taken = best[i + 1][j] + skipping[i], "skip printed"
            if j < expected:
                if (option := best[i][j + 1] + skip_expected) > gain:
                    gain, taken = option, "skip expected"
                if i < printed and (option := best[i + 1][j + 1] + score(i, j)) > gain:
                    gain, taken = option, "pair"
                merged = merged_score(i, j) if i + 1 < printed else None
                if merged is not None and (option := best[i + 2][j + 1] + merged) > gain:
                    gain, taken = option, "merge"
            best[i][j], step[i][j] = gain, taken
    return tuple(_path(step, printed, expected))


def _path(step: list[list[str]], printed: int, expected: int) -> list[Pair]:
    pairs: list[Pair] = []
    i = j = 0
    while i < printed or j < expected:
        match step[i][j]:
            case "skip printed":
                i += 1
            case "skip expected":
                j += 1
            case "pair":
                pairs.append(Pair(i, j))
                i, j = i + 1, j + 1
            case _:
                pairs.append(Pair(i, j, merged=True))
                i, j = i + 2, j + 1
    return pairs
