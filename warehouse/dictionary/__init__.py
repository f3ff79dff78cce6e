"""The dictionary (`schemas.dictionary`) as Markdown and as a page of HTML, from the templates beside this module.

The page needs nothing but itself: no script, no font and no address of others. Belongs here: how the dictionary
looks. Does not: what it says.
"""

import re
from collections.abc import Iterable
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from schemas.dictionary import Citation, Dictionary, dictionary, statistics_labels
from schemas.indicators import Indicator


def as_markdown(said: Dictionary | None = None) -> str:
    """The dictionary as one Markdown document; by default that of all declared tables."""
    return _rendered("dictionary.md.jinja", said or dictionary())


def as_html(said: Dictionary | None = None) -> str:
    """The dictionary as one page of HTML; by default that of all declared tables."""
    return _rendered("dictionary.html.jinja", said or dictionary())


def _rendered(template: str, said: Dictionary) -> str:
    environment = Environment(
        autoescape=select_autoescape(["html.jinja"]),
        loader=FunctionLoader(_text),
        keep_trailing_newline=True,
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {"bar": _in_a_cell, "code": _with_code}
    environment.globals |= {"cited": _cited, "made_of": _made_of}
    caveats = {one.code: one for one in said.caveats}
    return environment.get_template(template).render(said=said, caveats=caveats, lines=statistics_labels())


def _text(name: str) -> str:
    return (files("warehouse.dictionary") / name).read_text(encoding="utf-8")


def _in_a_cell(text: str) -> str:
    """Text that does not end the cell of a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|")


def _with_code(text: str) -> Markup:
    """Text as HTML, with what stands between backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped before


def _cited(citations: Iterable[Citation]) -> str:
    return "；".join(one.zh for one in citations)


def _made_of(one: Indicator) -> list[str]:
    """What an indicator is made of, a line for each form and way to print it."""
    return [
        f"{part.form}: {' + '.join('.'.join(filter(None, (f.table, f.row, f.column))) for f in part.figures)}"
        f" ({part.comparability})"
        for part in one.parts
    ]
