"""Corrections: figures that a report misprints, with what is right, why, and where that can be looked up.

Declared as TOML files beside this module, one a province (`henan-410000.toml`); a home may have files of its own.
An entry names the document by its bytes and the figure by its codes, and says what it expects to be printed there,
so that it can never correct anything but what was looked at:

    [[correction]]
    id = "example-2021-granted"
    sha256 = "<the 64 hexadecimals of documents.sha256>"
    table = "requests"         # or disclosures, reviews, statistics
    row = "granted"            # the code; of statistics the indicator
    column = "total"           # the code; of statistics the heading, or nothing where there is none
    printed = "203"            # the whole text of the cell; white space does not count
    corrected = "205"
    basis = "arithmetic"       # arithmetic, text, other_report, publisher, unit
    reason = "the six columns sum to 205, and the text says 205"
    source = "page 3 of the report, 三、第三项（一）"
    status = "accepted"        # or proposed, withdrawn

Instead of `row` and `column`, `cell = "t2-r5-c9"` names the cell by table, row and column, as `cell_id` ends.
An entry takes effect once it is accepted. Applying them is the business of `pipelines.validate.corrections`.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files

from schemas.codes import (
    APPLICANT,
    CATEGORY,
    CORRECTION_BASIS,
    CORRECTION_STATUS,
    MEASURE,
    OUTCOME,
    PROCEEDING,
    RESULT,
    CodeList,
)
from schemas.tables import SHA256

SUFFIX = ".toml"
CELL = r"t\d+-r\d+-c\d+"
_CODES: dict[str, tuple[CodeList, CodeList]] = {
    "disclosures": (CATEGORY, MEASURE),
    "requests": (OUTCOME, APPLICANT),
    "reviews": (PROCEEDING, RESULT),
}
TABLES = (*_CODES, "statistics")
"""The tables whose figures can be corrected."""
_MOST = Decimal(10) ** 14
"""No figure is as large: the columns hold 14 digits before the point."""


@dataclass(frozen=True, slots=True)
class Correction:
    """An entry, as declared: see the module.

    `row` and `column` are empty where `cell` names the cell. `corrected` is in the unit that the figure has.
    """

    id: str
    sha256: str
    table: str
    row: str
    column: str
    cell: str
    printed: str
    corrected: Decimal
    basis: str
    reason: str
    source: str
    status: str


class InvalidCorrections(Exception):  # noqa: N818 - the name states the situation
    """Correction files that are not as they should be; carries every problem with file and entry."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))


@dataclass(frozen=True, slots=True)
class Text:
    """The text of a correction file, with the name to call it by."""

    name: str
    content: str


@cache
def packaged() -> tuple[Text, ...]:
    """The package's own correction files, by name."""
    folder = files("schemas.corrections")
    found = sorted((one for one in folder.iterdir() if one.name.endswith(SUFFIX)), key=lambda one: one.name)
    return tuple(Text(one.name, one.read_text(encoding="utf-8")) for one in found)


def parse(texts: Iterable[Text]) -> tuple[Correction, ...]:
    """The entries of correction files, by id.

    Raises:
        InvalidCorrections: a file is no TOML, an entry lacks a field or has an unknown one, a code is unknown, a
            number is none, or two entries have one id or one cell; all problems at once.
    """
    problems: list[str] = []
    entries = [entry for text in texts for entry in _entries(text, problems)]
    problems += _repeated(entries)
    if problems:
        raise InvalidCorrections(problems)
    return tuple(sorted((entry for _, entry in entries), key=lambda entry: entry.id))


def _entries(text: Text, problems: list[str]) -> Iterator[tuple[str, Correction]]:
    """The valid entries of a file with where they stand; what is wrong with the others goes to `problems`."""
    try:
        content = tomllib.loads(text.content)
    except tomllib.TOMLDecodeError as error:
        problems.append(f"{text.name}: no TOML: {error}")
        return
    listed = content.pop("correction", [])
    if content or not isinstance(listed, list):
        problems.append(f"{text.name}: expected nothing but [[correction]], found {', '.join(content) or 'another'}")
        return
    for number, raw in enumerate(listed, start=1):
        place = f"{text.name}, entry {number}"
        if not isinstance(raw, dict):
            problems.append(f"{place}: expected a [[correction]] table")
            continue
        named = f"{place} ({raw['id']})" if isinstance(raw.get("id"), str) else place
        found = list(_problems(raw))
        problems += [f"{named}: {problem}" for problem in found]
        if not found:
            yield named, _entry(raw)


_OPTIONAL = {"row", "column", "cell"}


def _problems(raw: dict[str, object]) -> Iterator[str]:
    known = [field.name for field in fields(Correction)]
    for name in raw.keys() - known:
        yield f"unknown field {name!r}; known are {', '.join(known)}"
    wrong = [name for name in known if name in raw and not isinstance(raw[name], str)]
    for name in wrong:
        yield f"{name}: expected text in quotes, found {raw[name]!r}"
    said = {name: value for name, value in raw.items() if isinstance(value, str)}
    for name in known:
        if name not in _OPTIONAL and name not in wrong and not said.get(name, "").strip():
            yield f"{name} is missing"
    yield from _place_problems(said)
    for name, allowed in (
        ("table", TABLES),
        ("basis", CORRECTION_BASIS.values()),
        ("status", CORRECTION_STATUS.values()),
    ):
        if said.get(name) and said[name] not in allowed:
            yield f"{name} {said[name]!r}: expected one of {', '.join(allowed)}"
    if said.get("sha256") and not re.fullmatch(SHA256, said["sha256"]):
        yield f"sha256 {said['sha256']!r}: expected 64 lower-case hexadecimals"
    if said.get("corrected") and (problem := _number_problem(said["corrected"], said.get("table", ""))):
        yield problem


def _place_problems(said: dict[str, str]) -> Iterator[str]:
    """What is wrong with how the figure is named: by `cell`, or by the codes of its row and column."""
    if said.get("cell"):
        if said.get("row") or said.get("column"):
            yield "give either cell, or row and column"
        if not re.fullmatch(CELL, said["cell"]):
            yield f"cell {said['cell']!r}: expected table, row and column such as t2-r5-c9"
        return
    lists = _CODES.get(said.get("table", ""))
    if lists is None:
        if not said.get("row"):
            yield "row is missing"
        return
    for name, codes in zip(("row", "column"), lists, strict=True):
        if said.get(name, "") not in codes.values():
            yield f"{name} {said.get(name, '')!r}: expected one of {', '.join(codes.values())}"


def _number_problem(text: str, table: str) -> str | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return f"corrected {text!r}: expected a plain number such as 205 or 12.5"
    if not number.is_finite() or abs(number) >= _MOST or number != round(number, 6):
        return f"corrected {text!r}: expected a number of at most 14 digits and 6 decimals"
    if table in ("requests", "reviews") and (number != int(number) or number < 0):
        return f"corrected {text!r}: expected a whole number, {table} are counted"
    return None


def _entry(raw: dict[str, str]) -> Correction:
    values = {field.name: raw.get(field.name, "") for field in fields(Correction) if field.name != "corrected"}
    return Correction(corrected=Decimal(raw["corrected"]), **values)


def _repeated(entries: list[tuple[str, Correction]]) -> Iterator[str]:
    """Entries that share an id, or correct the same figure of the same document."""
    ids: dict[str, str] = {}
    places: dict[tuple[str, ...], str] = {}
    for place, entry in entries:
        if entry.id in ids:
            yield f"{place}: the id is that of {ids[entry.id]}"
        ids.setdefault(entry.id, place)
        address = (entry.sha256, entry.table, entry.row, entry.column, entry.cell)
        # Withdrawn entries stay for the record beside the one that replaced them.
        if entry.status == "withdrawn":
            continue
        if address in places:
            yield f"{place}: it corrects the same figure as {places[address]}"
        places.setdefault(address, place)
