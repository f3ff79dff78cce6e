"""Which of a report's file versions is current: the last retrieved that could be loaded, the others beside it.

Only between addresses does it matter how a version is read: a scan does not replace the text of the same report.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipelines.recognise.facts import Recognised
from pipelines.recognise.identity import Identity
from pipelines.validate.examined import Examined, Rejected


@dataclass(frozen=True, slots=True)
class Edition:
    """A file version with its place among those of its report.

    Args:
        examined: the file version.
        report_id: the report it is an edition of; None where it could not be told.
        number: 1 for the first bytes seen of the report, counting changed bytes only.
        status: a code of `schemas.codes.STATUS`.
        reason: why it is not loaded; None where it is.
    """

    examined: Examined
    report_id: str | None
    number: int
    status: str
    reason: str | None

    @property
    def recognised(self) -> Recognised | None:
        """The report to load from it, if it is the current edition."""
        outcome = self.examined.outcome
        return outcome if self.status == "loaded" and isinstance(outcome, Recognised) else None


def report_id(identity: Identity) -> str:
    """Stable id of a publisher's report on a year: region code, year, and a hash of the publisher's name."""
    publisher = hashlib.sha256(identity.publisher.encode()).hexdigest()[:8]
    return f"{identity.region_code}-{identity.year}-{publisher}"


def editions(examined: Iterable[Examined]) -> tuple[Edition, ...]:
    """Number the file versions of each report and tell which is current.

    A quarantined version never displaces a good one: the last good one stays loaded. Versions that name no report
    are counted with those from the same address.
    """
    ordered = sorted(examined, key=lambda item: (item.retrieved_at, item.source_url, item.sha256))
    by_address = {item.source_url: _id(item) for item in ordered if _id(item) is not None}
    groups: dict[str, list[Examined]] = defaultdict(list)
    for item in ordered:
        groups[_id(item) or by_address.get(item.source_url) or item.source_url].append(item)
    return tuple(edition for group in groups.values() for edition in _numbered(group))


def _id(item: Examined) -> str | None:
    return report_id(item.outcome.identity) if isinstance(item.outcome, Recognised) else None


def _numbered(group: Sequence[Examined]) -> list[Edition]:
    numbers: dict[str, int] = {}
    for item in group:
        numbers.setdefault(item.sha256, len(numbers) + 1)
    current = _current(group)
    identity = _id(current) if current else None
    # Bytes that came back after a revision are no version of their own, but they are current again.
    first_seen = {_key(item): item for item in reversed(group)}
    return [_edition(item, numbers[item.sha256], identity, current) for item in group if item is first_seen[_key(item)]]


def _current(group: Sequence[Examined]) -> Examined | None:
    """The version to load: of each address the last good one, of these the last that is not a scan.

    At one address, a scan in place of a text is a revision; at another, it is a picture of the same report.
    """
    latest = {item.source_url: item for item in group if isinstance(item.outcome, Recognised)}
    newest = [item for item in group if latest.get(item.source_url) is item]
    as_text = [item for item in newest if item.reading != "ocr"]
    candidates = as_text or newest
    return candidates[-1] if candidates else None


def _key(item: Examined) -> tuple[str, str]:
    return item.sha256, item.source_url


def _edition(item: Examined, number: int, identity: str | None, current: Examined | None) -> Edition:
    if isinstance(item.outcome, Rejected):
        return Edition(item, identity, number, item.outcome.status, item.outcome.reason)
    if current is None or _key(item) == _key(current):
        return Edition(item, identity, number, "loaded", None)
    if item.sha256 == current.sha256:
        return Edition(item, identity, number, "superseded", f"the same bytes are loaded from {current.source_url}")
    if item.reading == "ocr" and item.retrieved_at > current.retrieved_at:
        reason = f"a scan of the report that is loaded as text from {current.source_url}"
        return Edition(item, identity, number, "superseded", reason)
    return Edition(
        item,
        identity,
        number,
        "superseded",
        f"replaced by the edition retrieved on {current.retrieved_at:%Y-%m-%d} from {current.source_url}",
    )
