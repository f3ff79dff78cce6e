"""Hosts that fail are left alone for a while, over the end of a run too.

Belongs here: counting failures of hosts and remembering them. Does not: telling what a failure is.

The memory is a small JSON file; without it, or when it cannot be read, every host starts with a clean record.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from pipelines.fetch.limits import Limits
from pipelines.fetch.problems import FetchFailed
from warehouse.files import locked, write_if_changed

NAME = "circuits.json"


@dataclass(frozen=True, slots=True)
class Circuit:
    """A host's record: sources that failed in a row, until when it is left alone, and why."""

    failures: int = 0
    until: datetime | None = None
    reason: str = ""


class Circuits:
    """The records of all hosts; what changed since they were read is written by `save`."""

    def __init__(self, folder: Path | None, limits: Limits, now: Callable[[], datetime]) -> None:
        """Read the records.

        Args:
            folder: where they are kept between runs; None for nowhere.
            limits: says how many failures are too many, and how long to leave a host alone.
            now: the time, with a time zone.
        """
        self._folder = folder
        self._limits = limits
        self._now = now
        self._records = _load(folder)
        self._changed: dict[str, Circuit | None] = {}

    def check(self, host: str) -> None:
        """Pass if the host may be asked.

        Raises:
            FetchFailed: `circuit_open`.
        """
        record = self._records.get(host)
        if record is not None and record.until is not None and self._now() < record.until:
            raise FetchFailed(
                "circuit_open",
                f"{host} is left alone until {record.until:%Y-%m-%d %H:%M} {record.until.tzname()}: {record.reason}",
                host,
            )

    def failed(self, host: str, reason: str) -> None:
        """Count a source that the host failed to deliver; too many in a row, and it is left alone.

        After its rest, a host has one try: its record is only forgotten once it has answered.
        """
        record = self._records.get(host, Circuit())
        failures, until = record.failures + 1, record.until
        if failures >= self._limits.failures:
            until = self._later(until, self._limits.rest)
        self._record(host, Circuit(failures, until, reason))

    def rest(self, host: str, seconds: float, reason: str) -> None:
        """Leave a host alone for so long, whatever its record: it asked for that, or cannot be reached at all."""
        record = self._records.get(host, Circuit())
        self._record(host, Circuit(record.failures, self._later(record.until, seconds), reason))

    def answered(self, host: str) -> None:
        """Forget the failures of a host that answered; a rest that it asked for stays."""
        record = self._records.get(host)
        if record is not None and (record.until is None or record.until <= self._now()):
            del self._records[host]
            self._changed[host] = None

    def save(self) -> None:
        """Write what changed; what other processes wrote of other hosts meanwhile stays."""
        if self._folder is None or not self._changed:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        with locked(self._folder):
            merged = _load(self._folder)
            for host, record in self._changed.items():
                if record is None:
                    merged.pop(host, None)
                else:
                    merged[host] = record
            write_if_changed(self._folder / NAME, _dump(merged))
        self._changed = {}

    def _later(self, until: datetime | None, seconds: float) -> datetime:
        """So many seconds from now, or the time set already where that is later."""
        asked = self._now() + timedelta(seconds=seconds)
        return asked if until is None else max(asked, until)

    def _record(self, host: str, record: Circuit) -> None:
        self._records[host] = self._changed[host] = record


def _dump(records: dict[str, Circuit]) -> bytes:
    facts = {
        host: asdict(record) | {"until": record.until and record.until.isoformat()}
        for host, record in sorted(records.items())
    }
    return (json.dumps(facts, ensure_ascii=False, indent=1) + "\n").encode()


def _load(folder: Path | None) -> dict[str, Circuit]:
    if folder is None:
        return {}
    with suppress(FileNotFoundError, ValueError, TypeError, AttributeError, KeyError):
        facts = json.loads((folder / NAME).read_bytes())
        return {
            host: Circuit(
                int(record["failures"]),
                datetime.fromisoformat(record["until"]) if record["until"] else None,
                str(record["reason"]),
            )
            for host, record in facts.items()
        }
    return {}
