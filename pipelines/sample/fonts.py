"""Small TrueType fonts for the sample's PDFs, cut from Noto CJK (SIL Open Font License 1.1, which allows it).

Belongs here: finding a face, keeping only the glyphs a document needs, and turning its outlines into the kind
that every PDF maker embeds. Only the builder uses it; it needs fontconfig, the Noto CJK fonts and fontTools.
"""

from dataclasses import dataclass
from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

from pipelines.recognise.text import ideographs
from pipelines.sample.tools import run

RADICALS = "⺠⻅⻓⻔⻛⻝⼀⼆⼈⼊⼋⼒⼗⼝⼟⼤⼦⼩⼫⼯⼲⼴⼼⼾⽂⽅⽆⽇⽉⽌⽔⽚⽣⽤⽩⽬⽰⽴⽹⽼⽽⾃⾄⾏⾔⾛⾦⾯⾰⾳⾼"
"""The radicals that a browser-printed report (周口市, 2021) carries where its page shows ideographs."""

_TO_RADICAL = {ord(ideographs(radical)): radical for radical in RADICALS}


class MissingFont(Exception):  # noqa: N818 - the name states the situation
    """A face the builder needs is not installed."""


@dataclass(frozen=True, slots=True)
class Face:
    """A face of Noto CJK, simplified Chinese: its family and its style."""

    family: str
    style: str


SERIF = Face("Noto Serif CJK SC", "Regular")
SERIF_BOLD = Face("Noto Serif CJK SC", "Bold")
SANS = Face("Noto Sans CJK SC", "Regular")
SANS_BOLD = Face("Noto Sans CJK SC", "Bold")


def radicals(text: str) -> str:
    """`text` with the ideographs that a browser's PDF writes as radicals replaced by those radicals."""
    return text.translate(_TO_RADICAL)


def cut(face: Face, text: str, name: str, target: Path) -> Path:
    """Write a TrueType font called `name` with the glyphs of `text` to `target`; return `target`.

    A radical gets the glyph of the ideograph it looks like, as in the fonts that cause them.

    Raises:
        MissingFont: the face is not installed, or has no glyph for a character.
    """
    source = _open(face)
    characters = sorted(set(text) | {" "})
    shown = source.getBestCmap()
    missing = [character for character in characters if ord(ideographs(character)) not in shown]
    if missing:
        raise MissingFont(f"{face.family} has no glyph for {''.join(missing)}; reword the text")
    glyph_of = {ord(character): shown[ord(ideographs(character))] for character in characters}
    names = [".notdef", *dict.fromkeys(glyph_of.values())]
    glyph_set = source.getGlyphSet()
    glyphs, metrics = {}, {}
    for glyph_name in names:
        pen = TTGlyphPen(None)
        # Both kinds of curve within one unit of the 1000 of the em: no difference that a page shows.
        glyph_set[glyph_name].draw(Cu2QuPen(pen, max_err=1.0, reverse_direction=True))
        glyph = pen.glyph()
        glyph.recalcBounds(None)
        glyphs[glyph_name] = glyph
        metrics[glyph_name] = (glyph_set[glyph_name].width, glyph.xMin)
    builder = FontBuilder(source["head"].unitsPerEm, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap(glyph_of)
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics(metrics)
    builder.setupHorizontalHeader(ascent=source["hhea"].ascent, descent=source["hhea"].descent)
    builder.setupNameTable({"familyName": name, "styleName": "Regular", "psName": name, "uniqueFontIdentifier": name})
    builder.setupOS2(
        sTypoAscender=source["OS/2"].sTypoAscender,
        sTypoDescender=source["OS/2"].sTypoDescender,
        usWinAscent=source["OS/2"].usWinAscent,
        usWinDescent=source["OS/2"].usWinDescent,
        fsType=0,
    )
    builder.setupPost()
    builder.updateHead(created=0, modified=0)
    builder.font.recalcTimestamp = False
    builder.save(target)
    return target


def _open(face: Face) -> TTFont:
    query = f"{face.family}:style={face.style}"
    family, file, index = run("fc-match", "--format=%{family}\n%{file}\n%{index}", query).split("\n")
    if face.family not in family:
        raise MissingFont(f"{query} is not installed (fontconfig offers {family}); install fonts-noto-cjk")
    return TTFont(file, fontNumber=int(index), lazy=True)
