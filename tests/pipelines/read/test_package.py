import io
import zipfile

import pytest

from pipelines.read import package
from pipelines.read.errors import DamagedFile, OverLimit
from pipelines.read.package import Package, resolved
from tests.generator.packages import zipped


def test_parts_are_found_however_their_names_are_written() -> None:
    opened = Package(zipped({"Doc_0\\Document.xml": "<a/>", "word/x.xml": b"<b/>"}), "document")
    assert opened.tree("doc_0/Document.xml") is not None
    assert opened.content("/WORD/./x.xml") == b"<b/>"
    assert opened.tree("none.xml") is None


@pytest.mark.parametrize(
    ("base", "location", "part"),
    [
        ("OFD.xml", "Doc_0/Document.xml", "Doc_0/Document.xml"),
        ("Doc_0/Document.xml", "Pages/P.xml", "Doc_0/Pages/P.xml"),
        ("Doc_0/Document.xml", "/Doc_0/P.xml", "Doc_0/P.xml"),
        ("word/document.xml", "../docProps/core.xml", "docProps/core.xml"),
        ("a.xml", "../../../etc/passwd", "../../../etc/passwd"),
    ],
)
def test_locations_are_resolved_inside_the_package(base: str, location: str, part: str) -> None:
    assert resolved(base, location) == part
    assert Package(zipped({"a.xml": ""}), "document").content("../../../etc/passwd") is None


def test_a_package_that_would_fill_the_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    content = zipped({"a.xml": "x" * 5000, "b.xml": "y"})
    monkeypatch.setattr(package, "MOST_BYTES_A_PART", 4000)
    with pytest.raises(OverLimit, match=r"a\.xml would unpack to 5,000"):
        Package(content, "document").content("a.xml")
    monkeypatch.setattr(package, "MOST_BYTES", 5000)
    with pytest.raises(OverLimit, match="would unpack to 5,001"):
        Package(content, "document")
    monkeypatch.setattr(package, "MOST_PARTS", 1)
    with pytest.raises(OverLimit, match="2 parts"):
        Package(content, "document")


def test_a_part_that_cannot_be_unpacked_is_named() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.xml", "<a>一</a>")
    content = out.getvalue().replace("一".encode(), "二".encode(), 1)
    with pytest.raises(DamagedFile, match=r"a\.xml cannot be unpacked"):
        Package(content, "document").content("a.xml")
