"""Telling which of a form's labels a printed one is."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

from rapidfuzz import fuzz, process

from pipelines.recognise.text import match_key, without_ordinal
from schemas.forms import Label

Named = TypeVar("Named", bound=Label)

REMEMBERED = 2**16
"""Comparisons kept in memory: the labels of many reports, but not the text of all."""


@lru_cache(REMEMBERED)
def likeness(printed: str, wording: str) -> float:
    """How alike two labels are, from 0 to 1, whatever their spaces, widths, radicals and ordinals."""
    return fuzz.ratio(_key(printed), _key(wording)) / 100


@lru_cache(REMEMBERED)
def _key(text: str) -> str:
    return match_key(without_ordinal(text)[1])


def similarity(printed: str, label: Label) -> float:
    """Likeness of a printed label to the closest wording of `label`."""
    return max(likeness(printed, wording) for wording in label.wordings())


def similarities(printed: str, labels: tuple[Label, ...]) -> tuple[float, ...]:
    """As `similarity`, to each of the labels."""
    return _similarities(_key(printed), labels)


@lru_cache(REMEMBERED)
def _similarities(key: str, labels: tuple[Label, ...]) -> tuple[float, ...]:
    return tuple(max(fuzz.ratio(key, _key(wording)) for wording in label.wordings()) / 100 for label in labels)


def is_known(printed: str, label: Label) -> bool:
    """Whether the printed label is the form's or a known variant, but for ordinal, spaces and punctuation."""
    return similarity(printed, label) == 1.0


@dataclass(frozen=True, eq=False)
class Wordings(Generic[Named]):
    """Labels made ready to be compared with many cells: every wording folded, beside the label it means.

    What was found is remembered.
    """

    keys: tuple[str, ...]
    labels: tuple[Named, ...]

    def closest(self, printed: str, *, at_least: float) -> Named | None:
        """As `closest`, among these."""
        position = _closest(self, printed, at_least)
        return None if position is None else self.labels[position]


def wordings(labels: Iterable[Named]) -> Wordings[Named]:
    """Every wording of the labels, in their order."""
    return _wordings(tuple(labels))


@lru_cache
def _wordings(labels: tuple[Named, ...]) -> Wordings[Named]:
    pairs = [(_key(wording), label) for label in labels for wording in label.wordings()]
    return Wordings(tuple(key for key, _ in pairs), tuple(label for _, label in pairs))


def closest(printed: str, labels: Iterable[Named], *, at_least: float) -> Named | None:
    """The label most like the printed one, the first of equals, or None where none is alike enough."""
    return wordings(labels).closest(printed, at_least=at_least)


@lru_cache(REMEMBERED)
def _closest(among: Wordings[Label], printed: str, at_least: float) -> int | None:
    best = process.extractOne(_key(printed), among.keys, scorer=fuzz.ratio, score_cutoff=100 * at_least)
    return None if best is None else best[2]


def ordinal(text: str) -> str | None:
    """The ordinal printed before a label: `六` of （六）其他处理, `3` of 3.其他."""
    return without_ordinal(text)[0]


@lru_cache(REMEMBERED)
def form_ordinal(label: Label) -> str | None:
    """The ordinal that the form prints before the label, without brackets."""
    return label.ordinal.strip("（）") if label.ordinal else None
