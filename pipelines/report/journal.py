"""The journal of a run: what its steps leave for the report at its end, as lines in the home's `work/`.

Belongs here: noting and reading back. Does not: judging any of it (`pipelines.report.change`). It begins anew with
every run; without it the report only knows less.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from warehouse.files import write_if_changed
from warehouse.layout import Home


@dataclass(frozen=True, slots=True)
class Fetched:
    """What became of an address.

    Args:
        url: the address.
        kind: `new`, `changed`, `unchanged` or `failed`.
        reason: why it failed; None otherwise.
        problem: which case of failure it is, a code of `pipelines.fetch.problems`; None otherwise.
        received: bytes of documents that were transferred for it.
    """

    url: str
    kind: str
    reason: str | None = None
    problem: str | None = None
    received: int = 0


@dataclass(frozen=True, slots=True)
class Broken:
    """A partition (its key) that a step could not work on; its last good state stayed."""

    step: str
    partition: str
    error: str


@dataclass(frozen=True, slots=True)
class Stored:
    """A partition (its key) that was redone."""

    partition: str


@dataclass(frozen=True, slots=True)
class Proposed:
    """An address newly proposed as a source."""

    url: str


@dataclass(frozen=True, slots=True)
class PageFailed:
    """A listing page that could not be had or read, with the reason."""

    url: str
    reason: str


@dataclass(frozen=True, slots=True)
class Ended:
    """That a report was made of the run: what comes later belongs to the next.

    Args:
        at: when (ISO 8601, UTC).
        result: the report in a line.
        path: the file that has it in full.
    """

    at: str
    result: str = ""
    path: str = ""


Note = Fetched | Broken | Stored | Proposed | PageFailed | Ended
_KINDS = {kind.__name__.lower(): kind for kind in (Fetched, Broken, Stored, Proposed, PageFailed, Ended)}


@dataclass(frozen=True, slots=True)
class Journal:
    """What a run has noted.

    Args:
        since: when the run before was reported, else began; None where there was none.
        began: when it began; None where nothing was noted.
        notes: what its steps noted, in order.
    """

    since: datetime | None = None
    began: datetime | None = None
    notes: tuple[Note, ...] = ()

    @property
    def fetched(self) -> tuple[Fetched, ...]:
        """What became of the addresses asked for."""
        return tuple(note for note in self.notes if isinstance(note, Fetched))

    @property
    def broken(self) -> tuple[Broken, ...]:
        """The partitions that could not be worked on."""
        return tuple(note for note in self.notes if isinstance(note, Broken))

    @property
    def stored(self) -> frozenset[str]:
        """Keys of the partitions that were redone."""
        return frozenset(note.partition for note in self.notes if isinstance(note, Stored))

    @property
    def proposed(self) -> frozenset[str]:
        """The addresses newly proposed."""
        return frozenset(note.url for note in self.notes if isinstance(note, Proposed))

    @property
    def unlisted(self) -> tuple[PageFailed, ...]:
        """The listing pages that could not be had or read."""
        return tuple(note for note in self.notes if isinstance(note, PageFailed))

    @property
    def reported(self) -> Ended | None:
        """The newest report made of it; None where there is none."""
        return next((note for note in reversed(self.notes) if isinstance(note, Ended)), None)

    @property
    def ended(self) -> datetime | None:
        """When it was reported, else when it began."""
        return datetime.fromisoformat(self.reported.at) if self.reported is not None else self.began


def begin(home: Home, at: datetime) -> None:
    """Begin a run's journal; of the run before only its end is kept."""
    before = journal(home).ended
    said = {"began": at.isoformat(), "since": before.isoformat() if before else None}
    write_if_changed(_path(home), f"{json.dumps(said)}\n".encode())


def note(home: Home, notes: Iterable[Note]) -> None:
    """Add notes to the journal."""
    lines = [json.dumps({"note": type(each).__name__.lower()} | asdict(each), ensure_ascii=False) for each in notes]
    if not lines:
        return
    path = _path(home)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write("".join(f"{line}\n" for line in lines))


def journal(home: Home) -> Journal:
    """The journal so far; a line that was cut off by a crash is left out."""
    try:
        text = _path(home).read_text(encoding="utf-8")
    except FileNotFoundError:
        return Journal()
    since: datetime | None = None
    began: datetime | None = None
    notes: list[Note] = []
    for line in text.splitlines():
        try:
            said: dict[str, Any] = json.loads(line)
            if "began" in said:
                began = datetime.fromisoformat(said["began"])
                since = datetime.fromisoformat(said["since"]) if said["since"] else None
            else:
                notes.append(_KINDS[said.pop("note")](**said))
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
    return Journal(since, began, tuple(notes))


def _path(home: Home) -> Path:
    return home.work / "run.jsonl"
