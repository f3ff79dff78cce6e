"""Archives that a report was put into (.zip, .rar): unpacked in memory within limits, the report chosen and read.

Belongs here: members, limits, which member is the report. Does not: reading it, which the caller's reader does.

Nothing is unpacked to a path that an archive names. A place in the document is that in the member, its path led by
the member's name and `!`.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import rarfile

from pipelines.read.document import Block, Document, Paragraph, Place
from pipelines.read.errors import (
    DamagedFile,
    LockedFile,
    NeedsTool,
    NeedsUnrar,
    NoReportInside,
    OverLimit,
    UnreadableDocument,
    UnsupportedMedia,
)
from pipelines.read.media import RAR, ZIP, media_type
from pipelines.read.tools import UNRAR

MOST_MEMBERS = 500
MOST_BYTES = 256 * 2**20
"""Unpacked bytes of an archive and those inside it."""
MOST_RATIO = 200
"""Unpacked bytes for a byte of the archive, from `RATIO_FROM` on; documents reach fifty."""
RATIO_FROM = 32 * 2**20
DEEPEST = 3
"""Archives in one another, the outermost counted."""
MOST_READ = 30
"""Members that are read to find the report among them."""

_CLUTTER = re.compile(r"(?:^|/)(?:__MACOSX/|\.(?!\.?/)|~\$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
_UTF8_NAME = 0x800
_LOCKED = 0x1
_ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)

_SPACE = re.compile(r"\s+")
_REPORT = re.compile(r"信息公开(?:工作|情况|年度|的|[(（]?20\d\d年?[)）]?)*(?:报告|年报)")
_OPENING = 12
"""Paragraphs among which a report has its title."""
_TITLE = 60

Read = Callable[[bytes, str], Document]


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive: its name with the folders and archives it lies in, and its bytes."""

    name: str
    content: bytes


def read_zip(content: bytes, sha256: str, read: Read) -> Document:
    """Read the report in a zip archive.

    Args:
        content: the archive.
        sha256: its hash, which becomes the document's.
        read: reads a member that is no archive.

    Raises:
        DamagedFile: the archive cannot be unpacked.
        LockedFile: it opens only with a password.
        OverLimit: it would unpack to more than the limits.
        NoReportInside: none of its members is a report, or several are.
        UnreadableDocument: the report in it cannot be read, for the reason that its reader gives.
    """
    return _report(members(content, ZIP), sha256, ZIP, read)


def read_rar(content: bytes, sha256: str, read: Read) -> Document:
    """Read the report in a RAR archive; raises as `read_zip` does.

    Raises:
        NeedsUnrar: it is compressed, and no program that unpacks it is installed.
    """
    return _report(members(content, RAR), sha256, RAR, read)


# --- unpacking ---------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Budget:
    """What was unpacked so far of an archive and those inside it."""

    packed: int
    members: int = 0
    size: int = 0

    def take(self, size: int) -> None:
        """Count a member of so many bytes; raises OverLimit."""
        self.members += 1
        self.size += size
        if self.members > MOST_MEMBERS or self.size > MOST_BYTES:
            raise OverLimit(
                f"archive: it holds more than {MOST_MEMBERS} files or {MOST_BYTES:,} bytes; take the report out of it"
                " and archive that"
            )
        if self.size > RATIO_FROM and self.size > MOST_RATIO * self.packed:
            raise OverLimit(
                f"archive: {self.packed:,} bytes would unpack to {self.size:,} or more; look whether it is what it"
                " claims"
            )


def members(content: bytes, kind: str) -> tuple[Member, ...]:
    """The files in an archive, and in archives inside it, in their order; without those of file managers.

    Args:
        content: the archive.
        kind: its media type, `ZIP` or `RAR`.

    Raises:
        DamagedFile, LockedFile, OverLimit, NeedsUnrar: as `read_zip` and `read_rar` do.
    """
    return tuple(_flat(content, kind, "", _Budget(len(content)), 1))


def _flat(content: bytes, kind: str, around: str, budget: _Budget, depth: int) -> Iterator[Member]:
    unpack = _zip_members if kind == ZIP else _rar_members
    for member in unpack(content, budget):
        name = around + member.name
        inner = media_type(member.content)
        if inner not in {ZIP, RAR}:
            yield Member(name, member.content)
        elif depth >= DEEPEST:
            raise OverLimit(
                f"archive: archives lie in one another more than {DEEPEST} deep ({name}); take the report out of it and"
                " archive that"
            )
        else:
            yield from _flat(member.content, inner, f"{name}/", budget, depth + 1)


def _zip_members(content: bytes, budget: _Budget) -> Iterator[Member]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for entry in archive.infolist():
                name = _zip_name(entry)
                if entry.is_dir() or _CLUTTER.search(name):
                    continue
                if entry.flag_bits & _LOCKED:
                    raise _locked()
                budget.take(entry.file_size)  # zipfile unpacks no more of it than it says here
                yield Member(name, archive.read(entry))
    except _ZIP_ERRORS as error:
        raise _damaged(error) from error


def _zip_name(entry: zipfile.ZipInfo) -> str:
    """The name of a member; Chinese programs write it in UTF-8 or GBK without saying so."""
    if entry.flag_bits & _UTF8_NAME:
        return entry.filename
    try:
        raw = entry.filename.encode("cp437")
    except UnicodeEncodeError:
        return entry.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.filename


def _rar_members(content: bytes, budget: _Budget) -> Iterator[Member]:
    try:
        with rarfile.RarFile(io.BytesIO(content), charset="gb18030", errors="strict") as archive:
            if archive.needs_password():
                raise _locked()
            for entry in archive.infolist():
                if not entry.is_file() or _CLUTTER.search(entry.filename):
                    continue
                budget.take(entry.file_size)
                with archive.open(entry) as file:
                    yield Member(entry.filename, file.read())  # no more of it than it says, either
    except rarfile.RarCannotExec as error:
        raise NeedsUnrar(
            "RAR archive: it is compressed, and no program that unpacks it is installed here. Install one (Debian:"
            f" apt-get install {UNRAR.package}) and run again: the archive is kept and will be picked up"
        ) from error
    except rarfile.NeedFirstVolume as error:
        raise DamagedFile(
            "RAR archive: it is one part of several; unpack them together and archive the report"
        ) from error
    except (rarfile.PasswordRequired, rarfile.RarWrongPassword) as error:
        raise _locked() from error
    except (rarfile.Error, EOFError, ValueError, OSError) as error:
        raise _damaged(error) from error


def _locked() -> LockedFile:
    return LockedFile("archive: it is locked by a password; ask the publisher for an open copy")


def _damaged(error: Exception) -> DamagedFile:
    return DamagedFile(f"archive: it cannot be unpacked ({type(error).__name__}: {error}); fetch it again")


# --- choosing ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Candidate:
    member: Member
    document: Document
    title: str | None

    @property
    def cells(self) -> int:
        """Cells of all its tables."""
        return sum(len(table.cells) for table in self.document.tables)


def _report(found: tuple[Member, ...], sha256: str, kind: str, read: Read) -> Document:
    """The document of the member that is the report."""
    candidates: list[_Candidate] = []
    failures: list[tuple[str, UnreadableDocument]] = []
    for member in sorted(found, key=lambda member: not _REPORT.search(_bare(member.name)))[:MOST_READ]:
        try:
            document = read(member.content, sha256)
        except UnsupportedMedia:
            continue
        except UnreadableDocument as error:
            failures.append((member.name, error))
        else:
            candidates.append(_Candidate(member, document, _title(document)))
    reports = [candidate for candidate in candidates if candidate.title is not None]
    chosen = reports or candidates
    if not chosen and failures:
        raise _first_to_act_on(failures)
    if not reports and (waiting := [one for one in failures if isinstance(one[1], NeedsTool)]):
        raise _first_to_act_on(waiting)
    if len({candidate.title for candidate in chosen}) == 1 and (reports or len(chosen) == 1):
        # One report in several formats: the one of which most tables can be read.
        return _placed(max(chosen, key=lambda candidate: candidate.cells), kind)
    what = "none of its files can be read as a document" if not chosen else "no file in it has the title of a report"
    if reports:
        what = f"it holds {len(reports)} different reports"
    names = "、".join(member.name for member in found[:MOST_READ]) or "no files"
    raise NoReportInside(f"archive: {what} ({names}); archive the report by itself")


def _title(document: Document) -> str | None:
    """What says that a document is a report: the paragraph with its title, or its metadata; None if nothing does."""
    opening = [_bare(paragraph.text) for paragraph in document.paragraphs[:_OPENING]]
    # A title may stand on several lines.
    for text in (*(line for line in opening if len(line) <= _TITLE), "".join(opening[:_OPENING])):
        if found := _REPORT.search(text):
            return text[: found.end()][-_TITLE:]
    stated = _bare(document.title or "")
    return stated if _REPORT.search(stated) else None


def _bare(text: str) -> str:
    return _SPACE.sub("", text)


def _first_to_act_on(failures: list[tuple[str, UnreadableDocument]]) -> UnreadableDocument:
    """The failure that matters, with the member's name: one that a program would cure before one that is final."""
    name, error = min(failures, key=lambda failure: not isinstance(failure[1], NeedsTool))
    return type(error)(f"{name} in the archive: {error}")


def _placed(candidate: _Candidate, kind: str) -> Document:
    """The document as one of the archive: its places lead by the member's name."""
    name = candidate.member.name
    return replace(
        candidate.document,
        media_type=kind,
        facts=(*candidate.document.facts, ("archive member", name)),
        blocks=tuple(_in_member(block, name) for block in candidate.document.blocks),
    )


def _in_member(block: Block, name: str) -> Block:
    if isinstance(block, Paragraph):
        return replace(block, place=_place(block.place, name))
    return replace(block, cells=tuple(replace(cell, place=_place(cell.place, name)) for cell in block.cells))


def _place(place: Place, name: str) -> Place:
    return replace(place, path=f"{name}!{place.path or ''}")
