"""The faces that generated PDFs embed: a few hundred glyphs of Noto CJK (SIL Open Font License 1.1), committed.

They are committed so that a document is the same on a machine without those fonts. After a change to what the
generator prints, cut them anew where fontconfig knows Noto CJK: `python -m tests.generator.fonts`.
"""

import unicodedata
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

_FOLDER = Path(__file__).parent / "fonts"
SERIF, SANS, NOT_EMBEDDED = "GeneratorSerif", "GeneratorSans", "STSong-Light"
_FILES = {SERIF: "serif.ttf", SANS: "sans.ttf"}

_AS_RADICALS = (
    "一人二入八力十口土大女子小工干广心户文方无日月止民水片生用白目示立罗老而自至行见角言走金长门面革音风食高"
)
_SUPPLEMENT = {"民": "⺠", "见": "⻅", "长": "⻓", "门": "⻔", "风": "⻛", "食": "⻝", "户": "⼾"}


class MissingGlyph(Exception):  # noqa: N818 - the name states the situation
    """A committed face lacks a character that the generator prints."""


def _kangxi() -> dict[str, str]:
    """Ideographs by the Kangxi radicals that Unicode calls their equivalents."""
    pairs = ((unicodedata.normalize("NFKC", chr(code)), chr(code)) for code in range(0x2F00, 0x2FD6))
    return {ideograph: radical for ideograph, radical in pairs if ideograph in _AS_RADICALS}


_TO_RADICAL = str.maketrans(_kangxi() | _SUPPLEMENT)


def radicals(text: str) -> str:
    """`text` as a browser's PDF has it, with radicals for the ideographs that share their glyphs."""
    return text.translate(_TO_RADICAL)


def register() -> None:
    """Make the faces known to reportlab, once a process."""
    known = pdfmetrics.getRegisteredFontNames()
    for name, file in _FILES.items():
        if name not in known:
            pdfmetrics.registerFont(TTFont(name, _FOLDER / file))
    if NOT_EMBEDDED not in known:
        pdfmetrics.registerFont(UnicodeCIDFont(NOT_EMBEDDED))


def check(font: str, text: str) -> None:
    """Raise MissingGlyph unless the face has every character of `text`."""
    if font not in _FILES:
        return
    missing = {sign for sign in text if ord(sign) not in pdfmetrics.getFont(font).face.charToGlyph}
    if missing:
        raise MissingGlyph(
            f"{_FILES[font]} has no glyph for {''.join(sorted(missing))!r}: run python -m tests.generator.fonts"
        )


def can_print(text: str) -> bool:
    """Whether every embedded face has all characters of `text`."""
    register()
    return all(ord(sign) in pdfmetrics.getFont(font).face.charToGlyph for font in _FILES for sign in text)


def _vocabulary() -> str:
    """Everything the generator can print: the strings of its own files and of the forms."""
    from schemas import codes, forms

    here = Path(__file__).parent
    files = [*here.glob("*.py"), Path(codes.__file__), *Path(forms.__file__).parent.glob("*.py")]
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    ascii_and_wide = [chr(code + shift) for code in range(0x21, 0x7F) for shift in (0, 0xFEE0)]
    printed = {sign for sign in text if ord(sign) > 0x7F}
    return "".join(sorted({*printed, *radicals("".join(printed)), *ascii_and_wide, " ", "\u00a0", "\u3000"}))


def _cut_all() -> None:
    from pipelines.recognise.text import ideographs
    from pipelines.sample.fonts import SANS as SANS_FACE
    from pipelines.sample.fonts import SERIF as SERIF_FACE
    from pipelines.sample.fonts import _open, cut

    _FOLDER.mkdir(exist_ok=True)
    for face, name in ((SERIF_FACE, SERIF), (SANS_FACE, SANS)):
        shown = _open(face).getBestCmap()
        text = "".join(sign for sign in _vocabulary() if ord(ideographs(sign)) in shown)
        cut(face, text, name, _FOLDER / _FILES[name])


if __name__ == "__main__":
    _cut_all()
