"""Chapter 2: blocks of articles, each with a heading of measures and rows of categories."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from types import MappingProxyType

from pipelines.read.document import Block as Printed
from pipelines.read.document import Cell, Paragraph
from pipelines.recognise.facts import CellRef, Disclosure, OddLabel, Unplaced
from pipelines.recognise.grid import Row, holds_number, overlaps
from pipelines.recognise.labels import closest, is_known, similarity
from pipelines.recognise.numbers import Number, change, count, number
from pipelines.recognise.page_breaks import joined
from pipelines.recognise.text import match_key, without_remarks
from schemas.forms import Block, Form, Label, Measure, all_forms

CATEGORY_LIKENESS = 0.7
MEASURE_LIKENESS = 0.7
CHANGE = "change"
"""The measure that may be negative: 本年增/减."""
LEFT_OVER_LIKENESS = 0.4
"""Least likeness of a label to the only category that it can be."""

# 本年收费金额（单位：万元）, and （元） alone, after the measure or after the category.
_UNIT = re.compile(r"(?:单位[:：]?|[（(])(件|项)")
# 收费金额/元, （人民币：元）: none of the labels has the sign 元 itself.
_MONEY_UNIT = re.compile(r"(?:亿|千万|百万|万|千|百)?元")
_OTHER_YEARS = re.compile(r"上一?年|去年|往年|历年|同比|环比")
_UNIT_LINE = re.compile(r"^[（(【\[]?(?:计量|金额|货币|收费)?单位[:：;；为]")
_LONGEST_UNIT_LINE = 30
_UNIT_TAIL = re.compile(
    r"[\s/／:：【［\[]*(?:计量|金额)?(?:单位)?\s*[:：]?\s*(?:人民币)?" + _MONEY_UNIT.pattern + r"[\]］】]?\s*$"
)
_SPACE = re.compile(r"\s+")
_MONEY = {"万元", "亿元", "元"}
_IN_YUAN = {"百元": 100, "千元": 1000, "百万元": 10**6, "千万元": 10**7}
"""Units that the contract does not have: their amounts are loaded in 元."""


@dataclass(frozen=True, slots=True)
class _Heading:
    """A heading cell that names a measure; `unit` where it prints one."""

    measure: Measure
    cell: Cell
    table: int
    unit: str | None


@dataclass(frozen=True, slots=True)
class DisclosuresTables:
    """Chapter 2 as recognised.

    Args:
        figures: the figures, each category and measure once.
        odd_labels: the labels that are not the form's.
        unplaced: figures whose row or column is none of the form's, or that are printed again with another value.
        versions: the form version of each figure that was printed.
    """

    figures: tuple[Disclosure, ...] = ()
    odd_labels: tuple[OddLabel, ...] = ()
    unplaced: tuple[Unplaced, ...] = ()
    versions: tuple[str, ...] = ()


def money_units(blocks: Sequence[Printed]) -> dict[int, str]:
    """The unit of money that a line right before a table (单位：元) or a row of it states, by the table's number."""
    found: dict[int, str] = {}
    stated: str | None = None
    for block in blocks:
        if isinstance(block, Paragraph):
            stated = _unit_line(block.text)
            continue
        within = (_unit_line(cell.text) for cell in block.cells)
        unit = next((unit for unit in within if unit is not None), stated)
        if unit is not None:
            found[block.number] = unit
        stated = None
    return found


def _unit_line(text: str) -> str | None:
    squeezed = _SPACE.sub("", text)
    return _money_unit(squeezed) if len(squeezed) <= _LONGEST_UNIT_LINE and _UNIT_LINE.match(squeezed) else None


def _money_unit(text: str) -> str | None:
    """The only unit of money in a text."""
    named = set(_MONEY_UNIT.findall(_SPACE.sub("", text)))
    return named.pop() if len(named) == 1 else None


def recognise_disclosures(
    rows: tuple[Row, ...], forms: tuple[Form, ...], units: Mapping[int, str] = MappingProxyType({})
) -> DisclosuresTables:
    """Recognise the blocks of chapter 2.

    Args:
        rows: the rows of the chapter's tables, one after the other.
        forms: the forms to look for, the likeliest first; a report may mix them from block to block.
        units: as `money_units`: what counts where neither cell nor labels name one.
    """
    found: list[Disclosure] = []
    odd: list[OddLabel] = []
    versions: list[str] = []
    placed: list[Row] = []
    others: list[Row] = []
    astray: list[Unplaced] = []
    headings: list[_Heading] = []
    heading_row: Row | None = None
    for row in _whole_rows(rows, forms):
        named = _headings(row, forms)
        if named:
            headings, heading_row = named, row
            continue
        category = _category(row, forms) or _left_over(row, rows, headings, forms)
        if category is None:
            others.append(row)
            continue
        label, cell = category
        form, block = _block(label, _width(row, cell, heading_row), headings, forms)
        of_year = _of_the_year(
            _after(row, cell), heading_row if heading_row and heading_row.table == row.table else None
        )
        figures = _figures(row, cell, of_year, block, headings, units.get(row.table))
        found.extend(figures)
        versions.extend(form.version for _ in figures)
        placed.append(row)
        astray.extend(_without_measure(row, cell, of_year, figures))
        if not is_known(_wording(cell), label):
            odd.append(OddLabel(f"disclosures.{label.code}", label.label, cell.text, CellRef(row.table, cell)))
        odd.extend(_odd_headings(label, figures, headings))
        odd.extend(_told_by_order(label, block, figures, headings, heading_row))
    kept = _first_of_each(found)
    unplaced = (*_without_category(others, placed), *astray, *_contradictions(found, kept))
    return DisclosuresTables(tuple(kept.values()), tuple(odd), unplaced, tuple(versions))


def _without_category(others: list[Row], placed: list[Row]) -> Iterator[Unplaced]:
    """The rows of numbers that name no category, but stand between rows that do or in the columns of one."""
    for row in others:
        beside = [one for one in placed if one.table == row.table]
        if not beside or not any(holds_number(cell) for cell in row.own):
            continue
        between = beside[0].index < row.index < beside[-1].index
        if between or any(_columns(row) == _columns(one) for one in beside):
            printed = next((cell.text for cell in row.cells if cell.text and not holds_number(cell)), "")
            refs = tuple(CellRef(row.table, cell) for cell in row.own)
            yield Unplaced(f"disclosures.table{row.table}.row{row.index + 1}", printed, refs)


def _columns(row: Row) -> set[tuple[int, int]]:
    return {(cell.column, cell.column_span) for cell in row.cells}


def _without_measure(row: Row, label: Cell, cells: list[Cell], figures: list[Disclosure]) -> Iterator[Unplaced]:
    """The numbers beside a category's label that no measure could be told for."""
    taken = {(figure.ref.cell.row, figure.ref.cell.column) for figure in figures}
    for cell in cells:
        if (cell.row, cell.column) not in taken and holds_number(cell):
            subject = f"disclosures.table{row.table}.row{row.index + 1}.column{cell.column + 1}"
            yield Unplaced(subject, label.text, (CellRef(row.table, cell),))


def _whole_rows(rows: tuple[Row, ...], forms: tuple[Form, ...]) -> Iterator[Row]:
    """The rows, one for two where a page break parted it and only both halves together say what it is."""
    skipped = False
    for upper, lower in pairwise((*rows, None)):
        if skipped or upper is None:
            skipped = False
            continue
        whole = joined(upper, lower) if lower is not None else None
        skipped = whole is not None and lower is not None and _says_more(whole, (upper, lower), forms)
        yield whole if skipped and whole is not None else upper


def _says_more(whole: Row, halves: tuple[Row, Row], forms: tuple[Form, ...]) -> bool:
    """Whether both halves of a row together say more, and name no category worse: heading and row stay two."""
    says, parts = _says(whole, forms), [_says(half, forms) for half in halves]
    return says > max(parts) and says[1] >= max(likeness for _, likeness, _ in parts)


def _says(row: Row, forms: tuple[Form, ...]) -> tuple[int, float, int]:
    """How much a row says: measures that it names, likeness of its label to a category, numbers beside that."""
    category = _category(row, forms)
    if category is None:
        return len(_headings(row, forms)), 0.0, 0
    label, cell = category
    numbers = sum(holds_number(other) for other in _after(row, cell))
    return len(_headings(row, forms)), similarity(_wording(cell), label), numbers


def _headings(row: Row, forms: tuple[Form, ...]) -> list[_Heading]:
    """The measures that a row of headings names, also in cells that come down from above; empty for any other row."""
    named = [(cell, measure) for cell in row.cells if (measure := _measure_of(cell, forms)) is not None]
    if not any(row.owns(cell) for cell, _ in named):
        return []
    best: dict[str, float] = {}
    for cell, measure in named:
        best[measure.code] = max(best.get(measure.code, 0.0), _likeness(cell, measure))
    # 本年度北件数 beside 本年制发件数 is damaged, and no second one: what it is the order tells.
    return [
        _Heading(measure, cell, row.table, _stated_unit(cell, measure))
        for cell, measure in named
        if _likeness(cell, measure) == best[measure.code]
    ]


def _likeness(cell: Cell, label: Label) -> float:
    return similarity(without_remarks(cell.text), label)


def _measure_of(cell: Cell, forms: tuple[Form, ...]) -> Measure | None:
    return None if _is_of_others(cell) else closest(_wording(cell), _measures(forms), at_least=MEASURE_LIKENESS)


def _wording(cell: Cell) -> str:
    """What a heading or a label says, without remarks and units: 本年收费金额 of 本年收费金额 单位：元."""
    return _UNIT_TAIL.sub("", without_remarks(cell.text))


@cache
def _measures(forms: tuple[Form, ...]) -> tuple[Measure, ...]:
    return tuple(measure for form in forms for block in form.blocks for measure in block.measures)


def _stated_unit(cell: Cell, measure: Measure) -> str | None:
    """The unit that a heading or a label states for its figures of a measure."""
    if measure.unit in _MONEY:
        return _money_unit(cell.text)
    unit = _UNIT.search(_SPACE.sub("", cell.text))
    return unit[1] if unit else None


def _category(row: Row, forms: tuple[Form, ...]) -> tuple[Label, Cell] | None:
    """The category that a row of figures names, with the cell that names it."""
    categories = [label for form in forms for block in form.blocks for label in block.categories]
    for cell in row.cells:
        if not match_key(cell.text) or number(cell.text).state == "number":
            continue
        label = closest(_wording(cell), categories, at_least=CATEGORY_LIKENESS)
        if label is not None and any(other.column > cell.column for other in row.own):
            return label, cell
    return None


def _left_over(
    row: Row, rows: tuple[Row, ...], headings: list[_Heading], forms: tuple[Form, ...]
) -> tuple[Label, Cell] | None:
    """The one category that no other row of the table names, of the only block whose measures stand over a row.

    Only for a label that recognition guessed and that is a little like it: 规教 where 规章 is missing.
    """
    label = next((cell for cell in row.own if match_key(cell.text) and number(cell.text).state != "number"), None)
    named = {heading.measure.code for heading in headings if heading.table == row.table}
    if label is None or label.confidence is None or not named:
        return None
    figures = _after(row, label)
    blocks = [
        block
        for form in forms
        for block in form.blocks
        if named <= {measure.code for measure in block.measures} and len(block.measures) == len(figures)
    ]
    if len({tuple(category.code for category in block.categories) for block in blocks}) != 1:
        return None
    elsewhere = {found[0].code for other in rows if other.table == row.table and (found := _category(other, forms))}
    left = [category for category in blocks[0].categories if category.code not in elsewhere]
    if len(left) != 1 or _likeness(label, left[0]) < LEFT_OVER_LIKENESS or not all(map(holds_number, figures)):
        return None
    return left[0], label


def _after(row: Row, label: Cell) -> list[Cell]:
    """The cells of a row to the right of its label."""
    return [cell for cell in row.own if cell.column >= label.column + label.column_span]


def _width(row: Row, label: Cell, heading_row: Row | None) -> int:
    """How many figures the row has: as many as there are headings beside its label, else cells."""
    if heading_row is None or heading_row.table != row.table:
        return len(_after(row, label))
    return sum(bool(cell.text) for cell in _after(heading_row, label))


def _block(label: Label, width: int, headings: list[_Heading], forms: tuple[Form, ...]) -> tuple[Form, Block]:
    """The form and block that the category stands in: the one whose measures the headings name best.

    Where they name none, it is the block that has as many measures as the row has figures.
    """
    named = {heading.measure.code for heading in headings}
    candidates = [
        (
            len(named & {measure.code for measure in block.measures}),
            width == len(block.measures),
            -order,
            form,
            block,
        )
        for order, form in enumerate(forms)
        for block in form.blocks
        if any(category.code == label.code for category in block.categories)
    ]
    best = max(candidates, key=lambda candidate: candidate[:3])
    return best[3], best[4]


def _of_the_year(cells: list[Cell], heading_row: Row | None) -> list[Cell]:
    """The cells but for those under a heading of another year or of a comparison, which the form does not have."""
    others = [cell for cell in heading_row.cells if _is_of_others(cell)] if heading_row is not None else []
    return [
        cell
        for cell in cells
        if not any(
            head.column <= cell.column and cell.column + cell.column_span <= head.column + head.column_span
            for head in others
        )
    ]


def _is_of_others(cell: Cell) -> bool:
    """Whether a heading names another year or a comparison, and is no measure of a form that names one itself."""
    named = _OTHER_YEARS.search(_SPACE.sub("", cell.text))
    return named is not None and closest(_wording(cell), _measures_of_others(), at_least=MEASURE_LIKENESS) is None


@cache
def _measures_of_others() -> tuple[Measure, ...]:
    """The measures of the forms that are of another year themselves: 上一年项目数量."""
    return tuple(measure for measure in _measures(all_forms()) if any(map(_OTHER_YEARS.search, measure.wordings())))


def _figures(
    row: Row, label: Cell, cells: list[Cell], block: Block, headings: list[_Heading], of_table: str | None
) -> list[Disclosure]:
    category = closest(_wording(label), block.categories, at_least=0.0)
    if category is None:
        return []
    over = [heading for heading in headings if heading.table == row.table]
    found = []
    for cell, measure, unit in _by_measure(cells, block, over):
        read = _read(cell, measure)
        own = read.unit or _stated_unit(label, measure)
        is_money = measure.unit in _MONEY
        printed = own if not is_money or own in _MONEY or own in _IN_YUAN else None
        named = printed or unit or (of_table if is_money else None) or measure.unit
        scale = _IN_YUAN.get(named) if is_money else None
        told = printed or of_table or any(one.measure.code == measure.code for one in over)
        if is_money and not told and read.value and cell.confidence is not None:
            cell = replace(cell, doubt="unit")
        found.append(
            Disclosure(
                category.code,
                measure.code,
                read.value if read.value is None else read.value * (scale or 1),
                "元" if scale else _unit_code(named, measure),
                read.note,
                CellRef(row.table, cell),
            )
        )
    return found


def _by_measure(cells: list[Cell], block: Block, headings: list[_Heading]) -> list[tuple[Cell, Measure, str | None]]:
    """The cells of a row with the measure that each is of and the unit that its heading names.

    Below a page break columns may be cut otherwise than above, so that two cells touch one heading: then each has the
    heading of its order, if there are as many.
    """
    of_block = {measure.code: measure for measure in block.measures}
    known = sorted((one for one in headings if one.measure.code in of_block), key=lambda one: one.cell.column)
    found = [
        (cell, measure, unit)
        for position, cell in enumerate(cells)
        for measure, unit in (_all_under(cell, of_block, known) if len(cells) < len(known) else ())
        or _measure(cell, position, len(cells), block, headings)
    ]
    if len({measure.code for _, measure, _ in found}) < len(found) and len(cells) == len(known):
        return [(cell, of_block[one.measure.code], one.unit) for cell, one in zip(cells, known, strict=True)]
    return found


def _all_under(
    cell: Cell, of_block: Mapping[str, Measure], headings: list[_Heading]
) -> tuple[tuple[Measure, str | None], ...]:
    """The measures that one 无 or 0 stands for together."""
    if number(cell.text).value:
        return ()
    under = [one for one in headings if overlaps(cell, one.cell.column, one.cell.column + one.cell.column_span)]
    return tuple((of_block[one.measure.code], one.unit) for one in under) if len(under) > 1 else ()


def _read(cell: Cell, measure: Measure) -> Number:
    """The number in a cell: only money has fractions, and only a change is below zero."""
    if measure.unit in _MONEY:
        return number(cell.text)
    return change(cell.text) if measure.code == CHANGE else count(cell.text)


def _unit_code(unit: str, measure: Measure) -> str:
    """The unit as the contract has it; counting words that mean the form's unit (宗, 条 for 件) become it."""
    return unit if unit in _MONEY or unit in {"件", "项"} else measure.unit


def _measure(
    cell: Cell, position: int, width: int, block: Block, headings: list[_Heading]
) -> tuple[tuple[Measure, str | None], ...]:
    """The measure of a figure: by the heading above it, else by order if the block has that many; none if unsure."""
    for heading in headings:
        above = heading.cell
        codes = [measure for measure in block.measures if measure.code == heading.measure.code]
        if codes and overlaps(cell, above.column, above.column + above.column_span):
            return ((codes[0], heading.unit),)
    if width == len(block.measures):
        unit = headings[position].unit if len(headings) == width else None
        return ((block.measures[position], unit),)
    return ()


def _odd_headings(label: Label, figures: list[Disclosure], headings: list[_Heading]) -> list[OddLabel]:
    odd = []
    for figure in figures:
        for heading in headings:
            if heading.measure.code != figure.measure:
                continue
            text = _wording(heading.cell)
            if similarity(text, heading.measure) < 1.0:
                subject = f"disclosures.{label.code}.{figure.measure}"
                ref = CellRef(heading.table, heading.cell)
                odd.append(OddLabel(subject, heading.measure.label, heading.cell.text, ref))
    return odd


def _told_by_order(
    label: Label, block: Block, figures: list[Disclosure], headings: list[_Heading], heading_row: Row | None
) -> Iterator[OddLabel]:
    """The figures that stand under no heading of their measure where others do: theirs may have said another unit."""
    if heading_row is None:
        return
    measures = {measure.code: measure for measure in block.measures}
    for figure in figures:
        cell = figure.ref.cell
        if figure.ref.table != heading_row.table or figure.value is None:
            continue
        over = [head for head in heading_row.cells if overlaps(cell, head.column, head.column + head.column_span)]
        if not any(heading.measure.code == figure.measure and heading.cell in over for heading in headings):
            subject = f"disclosures.{label.code}.{figure.measure}"
            printed = over[0] if over else None
            ref = CellRef(heading_row.table, printed) if printed else None
            yield OddLabel(subject, measures[figure.measure].label, printed.text if printed else "", ref)


def _first_of_each(found: list[Disclosure]) -> dict[tuple[str, str], Disclosure]:
    """Each figure once: a table repeated in a document (as text and as an appendix) does not count twice."""
    kept: dict[tuple[str, str], Disclosure] = {}
    for figure in found:
        kept.setdefault((figure.category, figure.measure), figure)
    return kept


def _contradictions(found: list[Disclosure], kept: dict[tuple[str, str], Disclosure]) -> Iterator[Unplaced]:
    """The figures that are printed again, with another value."""
    for figure in found:
        first = kept[figure.category, figure.measure]
        if figure.value is not None and (figure.value, figure.unit) != (first.value, first.unit):
            printed = f"{figure.category}.{figure.measure}"
            subject = f"disclosures.{printed}.table{figure.ref.table}.row{figure.ref.cell.row + 1}"
            yield Unplaced(subject, figure.ref.cell.text, (first.ref, figure.ref))
