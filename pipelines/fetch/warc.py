"""The archive as WARC (ISO 28500), the form in which research libraries keep the web; and back.

Belongs here: records of captures, and captures of records. Does not: which report a capture is (`register`).

A capture becomes a `response` record (from disk: `resource`), a `request` record where its headers are known, and a
`metadata` record with the archive's own facts as JSON, so that an import loses nothing. The body stands unpacked, so
the headers that speak of its packing are left out of the record; the facts keep them. Bytes that occurred before
become a `revisit` record. The same archive always gives the same file.

WARC files of other programs are read too: their `response` and `resource` records with documents in them.
"""

import io
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from pipelines.discover.source import Source
from pipelines.fetch.answers import Answer, examine
from pipelines.fetch.archive import Archive, Capture, capture_of, facts_of
from pipelines.fetch.download import KEPT_HEADERS
from pipelines.fetch.problems import FetchFailed
from warehouse.files import publish, sha256, unfinished_beside

MOST = 256 * 2**20
"""Largest body taken from a WARC file, in bytes."""

OWN = "own"
_SOFTWARE = b"software: gongkai"
_VERSION = "WARC/1.1"
_NAMESPACE = uuid.UUID("8f0d3c3e-7d0c-5a53-9f0a-3c9b4a1c2f55")
_FACTS = "application/json"
_OF_PACKING = frozenset({"content-encoding", "content-length", "transfer-encoding"})
_STEP = 2**20


class WarcError(Exception):
    """A WARC file that cannot be written or read; the message says which, why, and what to do."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote: captures, bodies (the rest of the captures repeat one), and the file's size in bytes."""

    captures: int
    bodies: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import found.

    Args:
        added: captures that the archive did not have.
        known: number of captures that it had.
        sources: the reports that the file says its captures are.
        skipped: (address, why) of records with no document in them.
    """

    added: tuple[Capture, ...]
    known: int
    sources: tuple[Source, ...]
    skipped: tuple[tuple[str, str], ...]


# --- export -----------------------------------------------------------------------------------------------------


def export_warc(archive: Archive, path: Path, sources: tuple[Source, ...] = ()) -> Exported:
    """Write every capture of the archive to a gzipped WARC file, in one step.

    Args:
        archive: what to write.
        path: the file, which must not exist.
        sources: the reports that addresses hold, to be written with their captures.

    Raises:
        WarcError: the file exists.
        ArchiveError: something in the archive is damaged; nothing is written.
    """
    if path.exists():
        raise WarcError(f"{path} exists; name another file, or remove it")
    path.parent.mkdir(parents=True, exist_ok=True)
    by_url: dict[str, list[Source]] = {}
    for source in sources:
        by_url.setdefault(source.url, []).append(source)
    unfinished = unfinished_beside(path)
    try:
        with unfinished.open("xb") as file:
            writer = _Writer(WARCWriter(file, gzip=True, warc_version=_VERSION))
            captures = 0
            for url in archive.urls():
                for capture in archive.captures(url):
                    if not captures:
                        writer.info(path.name)
                    writer.write(capture, archive.content(capture.sha256), by_url.get(url, []))
                    captures += 1
            size = file.tell()
        publish(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
    return Exported(captures, len(writer.bodies), size)


@dataclass(frozen=True, slots=True)
class _Body:
    """Where a body was written first: address, time, and digest by which later records name it."""

    uri: str
    date: str
    digest: str


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes the records of captures; `bodies` are those written so far, by their SHA-256."""

    out: Any
    bodies: dict[str, _Body] = field(default_factory=dict)

    def info(self, name: str) -> None:
        text = _SOFTWARE + b"\r\nformat: WARC File Format 1.1\r\n"
        headers = _headers("warcinfo", _id("warcinfo", name), "1970-01-01T00:00:00Z")
        headers.add_header("WARC-Filename", name)
        self._put("warcinfo", "", text, "application/warc-fields", headers)

    def write(self, capture: Capture, content: bytes, sources: list[Source]) -> None:
        uri = _uri(capture.final_url)
        date = f"{capture.retrieved_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
        name = _id(capture.url, capture.retrieved_at.isoformat(), capture.sha256)
        self._body(capture, content, uri, date, name)
        if capture.request:
            self._request(capture, uri, date, name)
        facts = {"capture": json.loads(facts_of(capture)), "sources": [_source_facts(source) for source in sources]}
        headers = _headers("metadata", _id(name, "metadata"), date)
        headers.add_header("WARC-Concurrent-To", name)
        self._put("metadata", uri, json.dumps(facts, ensure_ascii=False).encode(), _FACTS, headers)

    def _body(self, capture: Capture, content: bytes, uri: str, date: str, name: str) -> None:
        first = self.bodies.get(capture.sha256)
        is_answer = urlsplit(uri).scheme in {"http", "https"} and capture.origin != "made"
        http = _http_headers(capture) if is_answer else None
        if http is None:
            self._put("resource", uri, content, capture.header("content-type") or "application/octet-stream",
                      _headers("resource", name, date))  # fmt: skip
            return
        headers = {"WARC-Record-ID": name, "WARC-Date": date}
        if capture.address:
            headers["WARC-IP-Address"] = capture.address
        if first is not None:
            self.out.write_record(
                self.out.create_revisit_record(
                    uri, first.digest, first.uri, first.date, http_headers=http, warc_headers_dict=headers
                )
            )
            return
        record = self.out.create_warc_record(
            uri,
            "response",
            payload=io.BytesIO(content),
            length=len(content),
            http_headers=http,
            warc_headers_dict=headers,
        )
        self.out.write_record(record)
        self.bodies[capture.sha256] = _Body(uri, date, record.rec_headers.get_header("WARC-Payload-Digest"))

    def _request(self, capture: Capture, uri: str, date: str, name: str) -> None:
        headers = {"WARC-Record-ID": _id(name, "request"), "WARC-Date": date, "WARC-Concurrent-To": name}
        target = httpx.URL(uri).raw_path.decode("ascii")
        asked = StatusAndHeaders(f"GET {target} HTTP/1.1", list(capture.request), is_http_request=True)
        record = self.out.create_warc_record(uri, "request", http_headers=asked, warc_headers_dict=headers)
        self.out.write_record(record)

    def _put(self, kind: str, uri: str, content: bytes, media_type: str, headers: StatusAndHeaders) -> None:
        if uri:
            headers.add_header("WARC-Target-URI", uri)
        record = self.out.create_warc_record(
            uri,
            kind,
            payload=io.BytesIO(content),
            length=len(content),
            warc_headers=headers,
            warc_content_type=media_type,
        )
        self.out.write_record(record)


def _headers(kind: str, name: str, date: str) -> StatusAndHeaders:
    fields = [("WARC-Type", kind), ("WARC-Record-ID", name), ("WARC-Date", date)]
    return StatusAndHeaders("", fields, protocol=_VERSION)


def _http_headers(capture: Capture) -> StatusAndHeaders:
    fields = [(name, value) for name, value in capture.headers if name not in _OF_PACKING]
    fields.append(("content-length", str(capture.size_bytes)))
    try:
        phrase = HTTPStatus(capture.status).phrase
    except ValueError:
        phrase = ""
    return StatusAndHeaders(f"{capture.status} {phrase}".strip(), fields, protocol="HTTP/1.1")


def _id(*parts: str) -> str:
    return f"<urn:uuid:{uuid.uuid5(_NAMESPACE, chr(0).join(parts))}>"


def _uri(url: str) -> str:
    """The address in ASCII, as a WARC record names it."""
    return quote(url, safe=":/?#[]@!$&'()*+,;=%-._~")


def _source_facts(source: Source) -> dict[str, str | int | None]:
    return {
        "city": source.city,
        "year": source.year,
        "region_code": source.region_code,
        "publisher": source.publisher,
        "title": source.title,
    }


# --- import -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Found:
    """A record with a body: whose, when, and the record's id.

    `content` is None where it repeats an earlier one, `is_whole` false where it is not as long as the record says, or
    does not have the digest that the record says.
    """

    id: str
    uri: str
    date: str
    kind: str
    status: int
    headers: tuple[tuple[str, str], ...]
    address: str | None
    digest: str
    content: bytes | None
    is_whole: bool


def import_warc(path: Path, archive: Archive) -> Imported:
    """Add the captures of a WARC file, gzipped or not, to the archive.

    Captures that this program exported come back as they were. Of other programs' records, those with status 200
    are taken, unless there is no document in them.

    Raises:
        WarcError: the file cannot be read as WARC; what stood before the fault is in the archive.
        ArchiveError: a capture that is there already is damaged.
    """
    added: list[Capture] = []
    known = 0
    sources: dict[Source, None] = {}
    skipped: list[tuple[str, str]] = []
    bodies: dict[str, str] = {}
    for found, facts in _paired(path):
        try:
            capture, content = _capture(found, facts, archive, bodies)
        except FetchFailed as failure:
            skipped.append((found.uri, str(failure)))
            continue
        if archive.restore(capture, content):
            added.append(capture)
        else:
            known += 1
        bodies[found.digest] = capture.sha256
        sources.update(dict.fromkeys(_sources(facts, capture.url)))
    return Imported(tuple(added), known, tuple(sources), tuple(skipped))


def _capture(found: _Found, facts: dict[str, Any], archive: Archive, bodies: dict[str, str]) -> tuple[Capture, bytes]:
    """The capture of a record and its bytes; raises FetchFailed where it holds no document."""
    content = found.content
    if not found.is_whole:
        raise FetchFailed("truncated", "its body is not what the record says")
    if content is None:
        earlier = bodies.get(found.digest)
        if earlier is None:
            raise FetchFailed("missing", "it repeats a body that is not in this file")
        content = archive.content(earlier)
    if len(content) > MOST:
        raise FetchFailed("too_large", f"its body is larger than {MOST} bytes")
    if "capture" in facts:
        try:
            capture = capture_of(facts["capture"])
        except (TypeError, KeyError, ValueError, AttributeError) as error:
            raise FetchFailed("damaged", f"its facts are no capture's ({error})") from error
        if capture.sha256 != sha256(content):
            raise FetchFailed("damaged", f"its bytes do not have the hash {capture.sha256} that its facts say")
        return capture, content
    if OWN in facts:
        raise FetchFailed("damaged", "the record with its facts is missing")
    if found.status != HTTPStatus.OK:
        raise FetchFailed("refused", f"its status is {found.status}")
    target = examine(Answer(found.uri, found.status, found.headers, content))
    if target is not None:
        raise FetchFailed("missing", f"it only leads on to {target}")
    capture = Capture(
        url=found.uri,
        final_url=found.uri,
        sha256=sha256(content),
        retrieved_at=_time(found.date),
        size_bytes=len(content),
        status=found.status,
        headers=tuple(sorted({name: value for name, value in found.headers if name in KEPT_HEADERS}.items())),
        origin="warc",
        address=found.address,
    )
    return capture, content


def _paired(path: Path) -> Iterator[tuple[_Found, dict[str, Any]]]:
    """Each record with a body, and the facts that a metadata record beside it states of it.

    In a file of this program, a record without facts has `OWN` in their place: its address may not be what it seems.
    """
    waiting: _Found | None = None
    bare: dict[str, Any] = {}
    try:
        with path.open("rb") as file:
            for record in ArchiveIterator(file, check_digests=True):
                kind = record.rec_type
                if kind == "warcinfo" and _SOFTWARE in _limited(record):
                    bare = {OWN: True}
                elif kind == "metadata" and waiting is not None and _is_beside(record, waiting):
                    yield waiting, _facts(record)
                    waiting = None
                elif kind in {"response", "resource", "revisit"}:
                    if waiting is not None:
                        yield waiting, bare
                    waiting = _found(record)
    except (ArchiveLoadFailed, EOFError, ValueError) as error:
        raise WarcError(f"{path} cannot be read as WARC ({error}); check that it was copied whole") from error
    if waiting is not None:
        yield waiting, bare


def _is_beside(record: ArcWarcRecord, found: _Found) -> bool:
    named = record.rec_headers.get_header("WARC-Concurrent-To") or record.rec_headers.get_header("WARC-Refers-To")
    return bool(named == found.id)


def _facts(record: ArcWarcRecord) -> dict[str, Any]:
    if record.rec_headers.get_header("Content-Type") != _FACTS:
        return {}
    try:
        facts = json.loads(_limited(record))
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}


def _found(record: ArcWarcRecord) -> _Found:
    warc, http = record.rec_headers, record.http_headers
    status = http.get_statuscode() if http else "200"
    content = None if record.rec_type == "revisit" else _limited(record)
    return _Found(
        id=warc.get_header("WARC-Record-ID") or "",
        uri=warc.get_header("WARC-Target-URI") or "",
        date=warc.get_header("WARC-Date") or "",
        kind=record.rec_type,
        status=int(status) if status and status.isdecimal() else 0,
        headers=tuple((name.lower(), value) for name, value in http.headers) if http else (),
        address=warc.get_header("WARC-IP-Address"),
        digest=warc.get_header("WARC-Payload-Digest") or "",
        content=content,
        is_whole=_is_whole(record),
    )


def _is_whole(record: ArcWarcRecord) -> bool:
    """Whether a record is as long as it says and its block has the digest it says; to be asked once its body is read.

    Digests of the payload do not count: crawlers differ in whether they take it packed or unpacked.
    """
    while record.raw_stream.read(_STEP):  # what a last chunk leaves behind
        pass
    is_damaged = any(problem.startswith("block digest failed") for problem in record.digest_checker.problems)
    return not is_damaged and not getattr(record.raw_stream, "limit", 0)


def _limited(record: ArcWarcRecord) -> bytes:
    """The body of a record, unpacked; cut beyond the limit, so that no record can fill the memory."""
    stream = record.content_stream()
    content = bytearray()
    while len(content) <= MOST and (piece := stream.read(_STEP)):
        content += piece
    return bytes(content)


def _time(date: str) -> datetime:
    try:
        return datetime.fromisoformat(date).astimezone(UTC)
    except ValueError as error:
        raise FetchFailed("damaged", f"its date is {date!r}") from error


def _sources(facts: dict[str, Any], url: str) -> list[Source]:
    try:
        return [Source(url=url, **source) for source in facts.get("sources", ())]
    except TypeError:
        return []
