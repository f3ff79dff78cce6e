"""Office packages written by hand: Word documents from a body's XML, OFD documents from text and lines.

Belongs here: the containers, as valid as programs write them. Does not: what a report says.
"""

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_DECLARED = (
    f'xmlns:w="{_W}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    """A zip archive of the parts; the same parts give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def docx(
    body: str, *, parts: Mapping[str, str] | None = None, title: str = "", main: str = "word/document.xml"
) -> bytes:
    """A Word document.

    Args:
        body: what stands in `w:body`.
        parts: what stands in the root of further parts, by kind: `numbering`, `styles`, `footnotes`.
        title: of the core properties.
        main: name of the main part.
    """
    further = parts or {}
    folder, _, name = main.rpartition("/")
    related = "".join(
        f'<Relationship Id="rId{number}" Type="{_RELATIONS}/{kind}" Target="{kind}.xml"/>'
        for number, kind in enumerate(further, 1)
    )
    return zipped(
        {
            "[Content_Types].xml": f'{_XML}<Types xmlns="{_PACKAGE}/content-types"/>',
            "_rels/.rels": (
                f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
                f'<Relationship Id="rId1" Type="{_RELATIONS}/officeDocument" Target="{main}"/>'
                f'<Relationship Id="rId2" Type="{_PACKAGE}/relationships/metadata/core-properties" '
                'Target="docProps/core.xml"/></Relationships>'
            ),
            "docProps/core.xml": (
                f'{_XML}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
                f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title></cp:coreProperties>'
            ),
            main: f"{_XML}<w:document {_DECLARED}><w:body>{body}<w:sectPr/></w:body></w:document>",
            f"{folder}/_rels/{name}.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{related}'
            "</Relationships>",
            **{
                f"{folder}/{kind}.xml": f"{_XML}<w:{kind} {_DECLARED}>{xml}</w:{kind}>" for kind, xml in further.items()
            },
        }
    )


def p(text: str, properties: str = "") -> str:
    """A Word paragraph of one run."""
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def tc(content: str, properties: str = "") -> str:
    """A cell of a Word table; plain text becomes a paragraph."""
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{content if content.startswith('<') else p(content)}</w:tc>"


def tbl(*rows: Sequence[str]) -> str:
    """A Word table of rows of cells (`tc`)."""
    written = "".join(f"<w:tr>{''.join(row)}</w:tr>" for row in rows)
    return f"<w:tbl><w:tblPr/>{written}</w:tbl>"


# --- OFD ---------------------------------------------------------------------------------------------------------

_OFD = 'xmlns:ofd="http://www.ofdspec.org/2016"'


@dataclass(frozen=True, slots=True)
class OfdText:
    """Text at a place: the left end of its baseline and the size of its characters, in millimetres."""

    x: float
    y: float
    size: float
    text: str


@dataclass(frozen=True, slots=True)
class OfdLine:
    """A drawn line from one point to another, in millimetres."""

    x0: float
    y0: float
    x1: float
    y1: float


def text_object(number: int, item: OfdText) -> str:
    """A text object as programs write it: a boundary, and in it the baseline and the steps of the characters."""
    text = item.text.replace("&", "&amp;").replace("<", "&lt;")
    widths = [item.size if ord(sign) > 0x2000 else item.size / 2 for sign in item.text]
    steps = " ".join(f"{width:.4f}" for width in widths[:-1])
    delta = f' DeltaX="{steps}"' if steps else ""
    return (
        f'<ofd:TextObject ID="{number}" Font="3" Size="{item.size}" '
        f'Boundary="{item.x} {item.y - item.size} {sum(widths):.4f} {item.size * 1.2:.4f}">'
        f'<ofd:TextCode X="0" Y="{item.size}"{delta}>{text}</ofd:TextCode></ofd:TextObject>'
    )


def path_object(number: int, item: OfdLine) -> str:
    """A stroked line."""
    left, top = min(item.x0, item.x1), min(item.y0, item.y1)
    return (
        f'<ofd:PathObject ID="{number}" Boundary="{left} {top} {abs(item.x1 - item.x0) or 0.2} '
        f'{abs(item.y1 - item.y0) or 0.2}" LineWidth="0.2"><ofd:AbbreviatedData>M {item.x0 - left} {item.y0 - top} '
        f"L {item.x1 - left} {item.y1 - top}</ofd:AbbreviatedData></ofd:PathObject>"
    )


def ofd_content(items: Sequence[OfdText | OfdLine]) -> str:
    """Text and lines as the objects of a layer."""
    return "".join(
        text_object(number, item) if isinstance(item, OfdText) else path_object(number, item)
        for number, item in enumerate(items, 100)
    )


def ofd(
    pages: Sequence[str],
    *,
    title: str = "",
    box: str = "0 0 210 297",
    template: str = "",
    resources: str = "",
    extra: Mapping[str, str | bytes] | None = None,
) -> bytes:
    """An OFD document.

    Args:
        pages: the objects on each page (`ofd_content`).
        title: of the document information.
        box: the page's physical box in millimetres.
        template: objects of a template that every page shows.
        resources: what stands in the public resources.
        extra: further parts.
    """
    shown = '<ofd:Template TemplateID="9" ZOrder="Background"/>' if template else ""
    declared = '<ofd:TemplatePage ID="9" BaseLoc="Tpls/Tpl_0/Content.xml"/>' if template else ""
    entries = "".join(
        f'<ofd:Page ID="{10 + number}" BaseLoc="Pages/Page_{number}/Content.xml"/>' for number in range(len(pages))
    )
    parts: dict[str, str | bytes] = {
        "OFD.xml": (
            f'{_XML}<ofd:OFD {_OFD} Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocInfo><ofd:DocID>1</ofd:DocID>'
            f"<ofd:Title>{title}</ofd:Title><ofd:Creator>WPS OFD</ofd:Creator></ofd:DocInfo>"
            "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
        ),
        "Doc_0/Document.xml": (
            f"{_XML}<ofd:Document {_OFD}><ofd:CommonData><ofd:MaxUnitID>9999</ofd:MaxUnitID><ofd:PageArea>"
            f"<ofd:PhysicalBox>{box}</ofd:PhysicalBox></ofd:PageArea><ofd:PublicRes>PublicRes.xml</ofd:PublicRes>"
            f"{declared}</ofd:CommonData><ofd:Pages>{entries}</ofd:Pages></ofd:Document>"
        ),
        "Doc_0/PublicRes.xml": f'{_XML}<ofd:Res {_OFD} BaseLoc="Res">{resources}</ofd:Res>',
    }
    if template:
        parts["Doc_0/Tpls/Tpl_0/Content.xml"] = _ofd_page("", template)
    for number, content in enumerate(pages):
        parts[f"Doc_0/Pages/Page_{number}/Content.xml"] = _ofd_page(shown, content)
    return zipped({**parts, **(extra or {})})


def _ofd_page(before: str, content: str) -> str:
    return (
        f'{_XML}<ofd:Page {_OFD}>{before}<ofd:Content><ofd:Layer ID="2" Type="Body">{content}</ofd:Layer>'
        "</ofd:Content></ofd:Page>"
    )
