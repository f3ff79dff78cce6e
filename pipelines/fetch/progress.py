"""Progress of a long fetch, as lines of a log: how many are done, how many failed and why, how long it will take.

Belongs here: counting and wording. Does not: outcomes themselves, which the caller gets in full.
"""

import time
from collections import Counter
from collections.abc import Callable
from urllib.parse import urlsplit

from pipelines.discover.source import Source
from pipelines.fetch.download import Outcome

EVERY_SECONDS = 10.0


class Log:
    """Called with each outcome; says a line every ten seconds, and one at the end."""

    def __init__(
        self,
        total: int,
        *,
        say: Callable[[str], object],
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start counting.

        Args:
            total: outcomes to come.
            say: takes a line.
            seconds: a clock that only goes forward.
        """
        self._total = total
        self._say = say
        self._seconds = seconds
        self._started = self._said = seconds()
        self._kinds: Counter[str] = Counter()
        self._problems: Counter[str] = Counter()
        self._hosts: set[str | None] = set()

    def __call__(self, source: Source, outcome: Outcome) -> None:
        """Count an outcome."""
        self._kinds[outcome.kind] += 1
        self._hosts.add(urlsplit(source.url).hostname)
        if outcome.problem:
            self._problems[outcome.problem] += 1
        now = self._seconds()
        if now - self._said >= EVERY_SECONDS or self._kinds.total() == self._total:
            self._said = now
            self._say(self._line(now))

    def _line(self, now: float) -> str:
        done = self._kinds.total()
        left = (now - self._started) / done * (self._total - done)
        kinds = ", ".join(f"{number} {kind}" for kind, number in self._kinds.most_common())
        problems = ", ".join(f"{number} {problem}" for problem, number in self._problems.most_common(5))
        return (
            f"fetched {done} of {self._total} from {len(self._hosts)} hosts: {kinds}"
            + (f" ({problems})" if problems else "")
            + (f", about {left:.0f} s left" if done < self._total else f", in {now - self._started:.0f} s")
        )
