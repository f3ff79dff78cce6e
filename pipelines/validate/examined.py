"""What validation starts from: every captured file version with what reading and recognising made of it."""

from dataclasses import dataclass
from datetime import datetime

from pipelines.recognise.facts import Recognised


@dataclass(frozen=True, slots=True)
class Rejected:
    """A document that yields no report: a code of `schemas.codes.STATUS` and a reason that a person can act on."""

    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class Examined:
    """A captured file version, how it was read, and the report recognised in it or why there is none.

    `sha256`, `source_url`, `retrieved_at` and `size_bytes` are the archive's; `page_count`, `producer` and
    `reading` the reader's, None for a file that no reader could read.
    """

    sha256: str
    source_url: str
    retrieved_at: datetime
    size_bytes: int
    media_type: str
    page_count: int | None
    producer: str | None
    reading: str | None
    outcome: Recognised | Rejected
