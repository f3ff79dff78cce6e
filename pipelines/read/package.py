"""Documents that are zip packages of XML parts: Word, Excel, OFD.

Belongs here: opening such a package within limits, and parsing its parts with entities and network off. Does not:
what the parts of any format are.
"""

import io
import posixpath
import zipfile
import zlib

from lxml import etree

from pipelines.read.errors import DamagedFile, LockedFile, OverLimit

Element = etree._Element

MOST_PARTS = 20_000
MOST_BYTES_A_PART = 64 * 2**20
MOST_BYTES = 512 * 2**20
"""Unpacked bytes of all parts: the largest reports, with photographs, have a tenth of it."""

_RELATIONSHIP_TAG = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_LOCKED = 0x1
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
)
"""What `zipfile` raises on bytes that are no proper archive."""


class Package:
    """The parts of a package by name; names are looked up without regard to case, as producers mix it.

    Args:
        content: the bytes of the package.
        kind: what a reader of error messages calls such a file.

    Raises:
        DamagedFile: the bytes are no zip archive.
        LockedFile: its parts are encrypted.
        OverLimit: it would unpack to more than the limits.
    """

    def __init__(self, content: bytes, kind: str) -> None:
        self.kind = kind
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(content))
        except _BROKEN as error:
            raise DamagedFile(f"{kind}: the package cannot be opened ({error}); fetch it again") from error
        parts = [part for part in self._archive.infolist() if not part.is_dir()]
        if any(part.flag_bits & _LOCKED for part in parts):
            raise LockedFile(f"{kind}: it is locked by a password; ask the publisher for an open copy")
        size = sum(part.file_size for part in parts)
        if len(parts) > MOST_PARTS or size > MOST_BYTES:
            raise OverLimit(
                f"{kind}: {len(parts):,} parts would unpack to {size:,} bytes, more than {MOST_PARTS:,} parts or"
                f" {MOST_BYTES:,} bytes; look at the file, and save it smaller if it is a report"
            )
        self._parts = {_key(part.filename): part for part in parts}

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all parts, as they stand in the package."""
        return tuple(part.filename for part in self._parts.values())

    def content(self, name: str) -> bytes | None:
        """The bytes of a part, or None where there is no such part.

        Raises:
            DamagedFile: the part cannot be unpacked.
            OverLimit: it would unpack to more than the limit.
        """
        part = self._parts.get(_key(name))
        if part is None:
            return None
        if part.file_size > MOST_BYTES_A_PART:
            raise OverLimit(
                f"{self.kind}: its part {name} would unpack to {part.file_size:,} bytes, more than"
                f" {MOST_BYTES_A_PART:,}; look at the file, and save it smaller if it is a report"
            )
        try:
            return self._archive.read(part)
        except _BROKEN as error:
            raise DamagedFile(f"{self.kind}: its part {name} cannot be unpacked ({error}); fetch it again") from error

    def tree(self, name: str) -> Element | None:
        """The root element of an XML part, or None where there is no such part.

        Raises:
            DamagedFile: the part is no well-formed XML, or declares a document type, which no package format allows.
            OverLimit: it would unpack to more than the limit.
        """
        content = self.content(name)
        if content is None:
            return None
        parser = etree.XMLParser(
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            remove_comments=True,
            remove_pis=True,
        )
        try:
            root = etree.fromstring(content, parser)
        except etree.XMLSyntaxError as error:
            raise DamagedFile(
                f"{self.kind}: its part {name} is no well-formed XML ({error}); fetch it again, or open the file in"
                " an office program and save it again"
            ) from error
        if root.getroottree().docinfo.internalDTD is not None:
            raise DamagedFile(
                f"{self.kind}: its part {name} declares a document type, which the format does not allow; open the"
                " file in an office program and save it again"
            )
        return root

    def related(self, part: str, kind: str) -> str | None:
        """The first part that `part` (the package itself: an empty name) relates to by a relationship of that kind.

        The kind is the last word of the relationship's type, such as `officeDocument` (ECMA-376 part 2, 6.5).
        """
        folder, name = posixpath.split(part)
        relationships = self.tree(posixpath.join(folder, "_rels", f"{name}.rels"))
        if relationships is None:
            return None
        for relationship in relationships.iter(_RELATIONSHIP_TAG):
            if relationship.get("TargetMode") == "External":
                continue
            if (relationship.get("Type") or "").rpartition("/")[2] == kind:
                return resolved(part, relationship.get("Target") or "")
        return None


def resolved(base: str, location: str) -> str:
    """The part that `location` names where it stands in the part `base`: from the root, or beside `base`."""
    location = location.replace("\\", "/")
    if location.startswith("/"):
        return posixpath.normpath(location).lstrip("/")
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), location)).lstrip("/")


def _key(name: str) -> str:
    return posixpath.normpath(name.replace("\\", "/")).lstrip("/").casefold()
