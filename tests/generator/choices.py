"""A seeded source of choices that keeps a list of what it chose, so that a failure can be told and repeated."""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

Option = TypeVar("Option")


class Choices:
    """Choices by name from one seed; `made` tells them in order."""

    def __init__(self, seed: str) -> None:
        self.random = Random(seed)  # noqa: S311 - a repeatable test document, no secret
        self.made: list[str] = []

    def pick(self, name: str, options: Sequence[Option], weights: Sequence[float] | None = None) -> Option:
        """One of `options`."""
        return self._told(name, self.random.choices(options, weights)[0])

    def chance(self, name: str, probability: float) -> bool:
        """Whether something that happens so often happens here; only what happens is told."""
        happens = self.random.random() < probability
        return self._told(name, happens) if happens else False

    def between(self, name: str, low: float, high: float) -> float:
        """A number from `low` to `high`, to a tenth."""
        return self._told(name, round(self.random.uniform(low, high), 1))

    def whole(self, name: str, low: int, high: int) -> int:
        """A whole number from `low` to `high`."""
        return self._told(name, self.random.randint(low, high))

    def tell(self, what: str) -> None:
        """Add to what is told."""
        self.made.append(what)

    def _told(self, name: str, value: Option) -> Option:
        self.made.append(name if value is True else f"{name}={value}")
        return value
