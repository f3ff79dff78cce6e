"""Telling which of a form's labels a printed one is."""

from collections.abc import Iterable
from functools import cache

from rapidfuzz import fuzz

from pipelines.recognise.text import match_key, without_ordinal
from schemas.forms import Label


@cache
def likeness(printed: str, wording: str) -> float:
    """How alike two labels are, from 0 to 1, whatever their spaces, widths, radicals and ordinals."""
    return fuzz.ratio(_key(printed), _key(wording)) / 100


@cache
def _key(text: str) -> str:
    return match_key(without_ordinal(text)[1])


def similarity(printed: str, label: Label) -> float:
    """Likeness of a printed label to the closest wording of `label`."""
    return max(likeness(printed, wording) for wording in label.wordings())


def is_known(printed: str, label: Label) -> bool:
    """Whether the printed label is the form's or a known variant, but for ordinal, spaces and punctuation."""
    return similarity(printed, label) == 1.0


def closest(printed: str, labels: Iterable[Label], *, at_least: float) -> Label | None:
    """The label most like the printed one, or None where none is alike enough."""
    ranked = max(((similarity(printed, label), -order, label) for order, label in enumerate(labels)), default=None)
    if ranked is None or ranked[0] < at_least:
        return None
    return ranked[2]


def ordinal(text: str) -> str | None:
    """The ordinal printed before a label: `六` of （六）其他处理, `3` of 3.其他."""
    return without_ordinal(text)[0]


def form_ordinal(label: Label) -> str | None:
    """The ordinal that the form prints before the label, without brackets."""
    return label.ordinal.strip("（）") if label.ordinal else None
