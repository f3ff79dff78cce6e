"""Statistics tables, 政府信息公开情况统计表 and the local ones before: one indicator a line, columns of figures.

Lines are placed by label, ordinal, group and order together; columns of figures by their heading. A line that is
none of the form's keeps its label and its figures under the code `unknown`. Cumulated columns (历年累计) and those
of other years are not loaded: they are no figures of the year, and stand in `cells` as printed.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import pairwise
from types import MappingProxyType

from pipelines.read.document import Cell, Table
from pipelines.recognise.align import align
from pipelines.recognise.facts import CellRef, OddLabel, Statistic, Unplaced
from pipelines.recognise.grid import Row, holds_number, overlaps, rows
from pipelines.recognise.labels import REMEMBERED, Wordings, form_ordinal, likeness, ordinal
from pipelines.recognise.numbers import UNITS, number
from pipelines.recognise.text import match_key, tidy, without_ordinal, without_remarks
from schemas.forms import Indicator, StatisticsForm

UNKNOWN = "unknown"
"""The indicator code of a line that is none of the form's."""

LEAST_LINES = 5
"""Different indicators that a table must show to be taken for a statistics table."""
LEAST_COPIED = 10
"""Indicators from which a table that shows those of another says the same again: fewer may be those of a like group."""

ALIKE = 0.85
PLAUSIBLE = 0.65
SAME_ORDINAL = 0.1
SAME_GROUP = 0.1
SKIPPED_INDICATOR = -0.001

_LONGEST_LABEL = 80
_IDEOGRAPH = re.compile(r"[\u2e80-\u9fff]")
_MONEY = {"万元", "亿元", "元"}
_UNIT_NOTE = re.compile(r"[（(](?:计量)?(?:单位)?\s*[:：]?\s*(?P<unit>" + "|".join(UNITS) + r")[）)]")
_AMONG = re.compile(r"^\s*(?:其中|其 中)\s*[:：]?\s*")
_COUNTED = re.compile(r"(?:总数|次数|数量|数)$")

_LABELS = re.compile(r"(?:统计)?指标(?:名称)?|(?:统计)?项目(?:名称)?|统计内容|名称|内容|类别")
_UNIT_HEAD = re.compile(r"(?:计量)?单位")
_CODES = re.compile(r"(?:指标)?代码|编号|序号|行次|代号")
_CUMULATED = re.compile(r"历年|历史|以来|(?<!本年)(?<!全年)(?<!年度)累计")
_NOT_OF_THE_YEAR = re.compile(r"备注|说明|上年|去年|上一年|同比|增长|增减|增幅|比例|占比|本期|本季|本月|季度")
_FIGURES = re.compile(r"本年|统计数|数量|数值|数据|合计|总计|总数|全年|年度|件数|条数|20\d\d")
_TOTAL = re.compile(r"合计|总计|总数")
_YEAR = re.compile(r"20\d\d")


@dataclass(frozen=True, slots=True)
class StatisticsTable:
    """What was recognised: version of the form, figures, odd labels, figures that could not be placed."""

    version: str
    figures: tuple[Statistic, ...]
    odd_labels: tuple[OddLabel, ...]
    unplaced: tuple[Unplaced, ...]


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of figures: the columns of the grid it covers, and its heading as printed."""

    start: int
    end: int
    heading: str | None


@dataclass(frozen=True, slots=True)
class _Line:
    """A printed line: its label, the headings it stands under, its unit and its figures with their columns."""

    row: Row
    label: Cell
    groups: tuple[str, ...]
    unit: str | None
    figures: tuple[tuple[_Column, Cell], ...]

    @property
    def has_numbers(self) -> bool:
        return any(number(cell.text).state == "number" for _, cell in self.figures)


def is_statistics(table: Table, forms: tuple[StatisticsForm, ...]) -> bool:
    """Whether a table is a statistics table: it shows enough indicators of one of the forms."""
    return any(_hits(table, form) >= LEAST_LINES for form in forms)


def goes_on(table: Table, forms: tuple[StatisticsForm, ...]) -> bool:
    """Whether a table that shows too little to be told goes on with a statistics table: its next part.

    Every row with numbers names an indicator of one of the forms.
    """
    numbered = [row for row in rows(table) if any(map(holds_number, row.own))]
    return bool(numbered) and any(all(_names_an_indicator(row, form) for row in numbered) for form in forms)


def recognise_statistics(
    tables: Sequence[Table],
    forms: tuple[StatisticsForm, ...],
    year: int,
    above: Mapping[int, str] = MappingProxyType({}),
) -> StatisticsTable:
    """The figures of a report's statistics tables.

    Args:
        tables: the parts of the table, in order; without any, nothing is found.
        forms: the forms it may follow; it is taken for the one of which it shows most indicators.
        year: the year of the report; columns headed with another are left out.
        above: the line above a table, by its number: a heading that the table leaves out (四、行政复议数量).
    """
    form = max(forms, key=lambda form: sum(_hits(table, form) for table in tables))
    firsts, copies = _without_copies(tables, form)
    groups = {number: text for number, text in above.items() if any(_is_known(text, one) for one in form.indicators)}
    found = _recognised(firsts, form, year, groups)
    again = [_recognised([copy], form, year, groups) for copy in copies]
    unread = [one for table in tables for one in _without_columns(table, form, year)]
    return replace(found, unplaced=(*found.unplaced, *_contradictions(found, again), *unread))


def _without_copies(tables: Sequence[Table], form: StatisticsForm) -> tuple[list[Table], list[Table]]:
    """The tables, and those that say again what the ones before say: in the text and in an appendix."""
    firsts, copies = list[Table](), list[Table]()
    said = set[str | None]()
    for table in tables:
        shown = _codes(table, form)
        if len(shown) >= LEAST_COPIED and len(shown & said) > len(shown) / 2:
            copies.append(table)
        else:
            firsts.append(table)
            said |= shown
    return firsts, copies


def _contradictions(found: StatisticsTable, copies: Sequence[StatisticsTable]) -> Iterator[Unplaced]:
    """The figures of copies that are not those of the table."""
    printed: dict[str, list[Statistic]] = defaultdict(list)
    for figure in found.figures:
        printed[figure.indicator].append(figure)
    for figure in (figure for copy in copies for figure in copy.figures if figure.value is not None):
        first = printed[figure.indicator]
        if all(figure.value != other.value for other in first):
            subject = f"statistics.{figure.indicator}.table{figure.ref.table}.row{figure.ref.cell.row + 1}"
            yield Unplaced(subject, figure.ref.cell.text, (*(other.ref for other in first[:1]), figure.ref))


def _without_columns(table: Table, form: StatisticsForm, year: int) -> Iterator[Unplaced]:
    """The numbers of the blocks of a table of which nothing tells which column is the year's."""
    of_table, heads, first = _parts(table, form)
    for start, end in _blocks(of_table[first:], heads, table.column_count, form):
        if _roles(of_table[first:], heads, start, end, year)[1]:
            continue
        refs = tuple(
            CellRef(table.number, cell)
            for row in of_table[first:]
            for cell in row.own
            if start <= cell.column < end and holds_number(cell) and not _says_no_figures(_head(heads, cell.column))
        )
        if refs:
            yield Unplaced(f"statistics.table{table.number}.column{start + 1}", refs[0].cell.text, refs)


def _recognised(tables: Sequence[Table], form: StatisticsForm, year: int, groups: Mapping[int, str]) -> StatisticsTable:
    lines = [
        replace(line, groups=(groups[table.number], *line.groups)) if table.number in groups else line
        for table in tables
        for line in _lines(table, form, year)
    ]
    placed = _placed(lines, form)
    within = range(min(placed, default=0), max(placed, default=-1) + 1)
    figures: list[Statistic] = []
    odd: list[OddLabel] = []
    unplaced: list[Unplaced] = []
    for position, line in enumerate(lines):
        indicator = placed.get(position)
        if indicator is not None and indicator.unit is not None:
            figures.extend(_figures(line, indicator))
            if not _is_known(line.label.text, indicator):
                ref = CellRef(line.row.table, line.label)
                odd.append(OddLabel(f"statistics.{indicator.code}", indicator.label, line.label.text, ref))
        elif line.has_numbers and position in within:
            figures.extend(_figures(line, None))
            odd.append(_unknown(line))
        elif line.has_numbers and not placed:
            unplaced.append(_unplaced(line))
    if not figures:
        unplaced.extend(_unplaced(line) for line in lines if line.has_numbers)
    return StatisticsTable(form.version, tuple(figures), tuple(odd), tuple(dict.fromkeys(unplaced)))


def _hits(table: Table, form: StatisticsForm) -> int:
    return len(_codes(table, form))


def _codes(table: Table, form: StatisticsForm) -> set[str | None]:
    return {_shown(cell.text, form) for cell in table.cells} - {None}


@lru_cache(REMEMBERED)
def _shown(text: str, form: StatisticsForm) -> str | None:
    """The code of the indicator that a cell shows."""
    core = _core(text) if _may_be_label(text) else ""
    indicator = _closest(core, form) if core else None
    return indicator.code if indicator else None


def _may_be_label(text: str) -> bool:
    return len(text) < _LONGEST_LABEL and _IDEOGRAPH.search(text) is not None


def _closest(core: str, form: StatisticsForm) -> Indicator | None:
    return _wordings(form).closest(core, at_least=ALIKE)


@cache
def _wordings(form: StatisticsForm) -> Wordings[Indicator]:
    pairs = [(_core(wording), indicator) for indicator in form.indicators for wording in indicator.wordings()]
    return Wordings(tuple(core for core, _ in pairs), tuple(indicator for _, indicator in pairs))


def _likeness(core: str, indicator: Indicator) -> float:
    return max(likeness(core, _core(wording)) for wording in indicator.wordings())


@lru_cache(REMEMBERED)
def _core(text: str) -> str:
    """A label without what varies around its words: ordinal, 其中, remarks in brackets, 数 at its end."""
    words = without_remarks(_AMONG.sub("", without_ordinal(_AMONG.sub("", text))[1]))
    key = match_key(without_ordinal(words)[1])
    return _COUNTED.sub("", key) or key


def _is_known(printed: str, indicator: Indicator) -> bool:
    return _core(printed) in {_core(wording) for wording in indicator.wordings()}


# --- lines of a table -------------------------------------------------------------------------------------------


def _lines(table: Table, form: StatisticsForm, year: int) -> list[_Line]:
    """The lines of a table; of two blocks side by side, first all of the left one."""
    of_table, heads, first = _parts(table, form)
    found = []
    for start, end in _blocks(of_table[first:], heads, table.column_count, form):
        labels, columns = _roles(of_table[first:], heads, start, end, year)
        block: list[_Line] = []
        for row in of_table[first:]:
            line = _line(row, labels, columns, start, end)
            whole = _joined(block[-1], line, row, columns, form) if block and row.begins_page else None
            if whole is not None:
                block[-1] = whole
            elif line is not None:
                block.append(line)
        found.extend(block)
    return found


def _parts(table: Table, form: StatisticsForm) -> tuple[tuple[Row, ...], list[Cell], int]:
    """The rows of a table, the headings over its lines, and the position of the first line."""
    of_table = rows(table)
    first = next((row.index for row in of_table if _names_an_indicator(row, form)), 0)
    return of_table, [cell for row in of_table[:first] for cell in row.own if cell.text], first


def _joined(
    upper: _Line, lower: _Line | None, row: Row, columns: tuple[_Column, ...], form: StatisticsForm
) -> _Line | None:
    """A line that a page break cut in two, as one; None where the row that begins the page is one of its own.

    Either the lower half holds no label, or both labels together are more alike to a line of the form than each.
    """
    figures = _row_figures(row, columns)
    if upper.row.index + 1 != row.index or (_any_printed(upper.figures) and _any_printed(figures)):
        return None
    kept = figures if _any_printed(figures) else upper.figures
    if lower is None:
        return replace(upper, figures=kept)
    text = upper.label.text + lower.label.text
    if _best_likeness(text, form) <= max(_best_likeness(one.label.text, form) for one in (upper, lower)):
        return None
    return replace(upper, label=replace(upper.label, text=text), unit=upper.unit or lower.unit, figures=kept)


def _any_printed(figures: tuple[tuple[_Column, Cell], ...]) -> bool:
    return any(number(cell.text).state != "blank" for _, cell in figures)


def _best_likeness(text: str, form: StatisticsForm) -> float:
    return max(_likeness(_core(text), one) for one in form.indicators)


def _names_an_indicator(row: Row, form: StatisticsForm) -> bool:
    texts = (cell.text for cell in row.own if _may_be_label(cell.text))
    return any((core := _core(text)) and _closest(core, form) is not None for text in texts)


def _blocks(body: tuple[Row, ...], heads: list[Cell], width: int, form: StatisticsForm) -> list[tuple[int, int]]:
    """The blocks that stand side by side, as column ranges: one for each heading of labels.

    Without headings, one for each column that shows indicators right of one of numbers.
    """
    starts = sorted({cell.column for cell in heads if _LABELS.fullmatch(match_key(cell.text))})
    if not starts:
        starts = _label_columns(body, form)
    bounds = [0, *starts[1:], width]
    return list(pairwise(bounds))


def _label_columns(body: tuple[Row, ...], form: StatisticsForm) -> list[int]:
    cells = [cell for row in body for cell in row.own]
    shown = Counter(cell.column for cell in cells if _shown(cell.text, form) is not None)
    numbers = Counter(cell.column for cell in cells if holds_number(cell))
    labels = sorted(column for column, count in shown.items() if count >= LEAST_LINES)
    return labels[:1] + [
        right
        for left, right in pairwise(labels)
        if any(numbers[column] >= LEAST_LINES for column in range(left + 1, right))
    ]


def _roles(
    body: tuple[Row, ...], heads: list[Cell], start: int, end: int, year: int
) -> tuple[range, tuple[_Column, ...]]:
    """Where the labels of a block stand, and its columns of figures of the year."""
    columns, not_figures = [], set[int]()
    for column in range(start, end):
        head = _head(heads, column)
        key = match_key(head.text) if head else ""
        if _LABELS.fullmatch(key) or _UNIT_HEAD.fullmatch(key) or _CODES.fullmatch(key):
            not_figures.add(column)
        elif head is not None and _is_of_the_year(key, year):
            columns.append(_Column(head.column, head.column + head.column_span, tidy(head.text)))
    named = tuple(dict.fromkeys(columns))
    totals = tuple(column for column in named if _TOTAL.search(match_key(column.heading or "")))
    chosen = totals[:1] if totals and len(named) > 1 else named
    if not chosen:
        chosen = _by_content(body, heads, start, end, not_figures)
    label_end = min((column.start for column in named or chosen), default=end)
    return range(start, label_end), chosen


def _head(heads: list[Cell], column: int) -> Cell | None:
    """The lowest heading over a column that says what it is."""
    over = [cell for cell in heads if overlaps(cell, column, column + 1)]
    telling = [cell for cell in over if len(match_key(cell.text)) > 1 and cell.column_span < 6]
    return telling[-1] if telling else None


def _is_of_the_year(key: str, year: int) -> bool:
    if _CUMULATED.search(key) or _NOT_OF_THE_YEAR.search(key):
        return False
    named = _YEAR.search(key)
    return _FIGURES.search(key) is not None and (named is None or int(named[0]) == year)


def _by_content(
    body: tuple[Row, ...], heads: list[Cell], start: int, end: int, not_figures: set[int]
) -> tuple[_Column, ...]:
    """The only column that holds figures, where no heading tells; none where there are several.

    A column under a heading that is no figure of the year is not asked, nor is one that counts the lines.
    """
    numbers: dict[int, list[int]] = defaultdict(list)
    for row in body:
        for cell in row.own:
            read = number(cell.text)
            if start <= cell.column < end and cell.column not in not_figures and read.value is not None:
                numbers[cell.column].append(int(read.value))
    found = [
        column
        for column, values in numbers.items()
        if len(values) > 1 and not all(after == before + 1 for before, after in pairwise(values))
    ]
    headed = [column for column in found if _says_no_figures(_head(heads, column))]
    found = [column for column in found if column not in headed]
    return (_Column(found[0], found[0] + 1, None),) if len(found) == 1 else ()


def _says_no_figures(head: Cell | None) -> bool:
    key = match_key(head.text) if head else ""
    return bool(_CUMULATED.search(key) or _NOT_OF_THE_YEAR.search(key))


def _line(row: Row, labels: range, columns: tuple[_Column, ...], start: int, end: int) -> _Line | None:
    """A line of a block; None for a row without a label of its own."""
    figures = _row_figures(row, columns)
    taken = {(cell.row, cell.column) for _, cell in figures}
    covering = [
        cell
        for cell in row.cells
        if cell.column in labels and start <= cell.column < end and cell.text and (cell.row, cell.column) not in taken
    ]
    units = [cell for cell in covering if _unit(cell.text)]
    words = [cell for cell in covering if cell not in units and number(cell.text).state == "text"]
    own = [cell for cell in words if cell.row == row.index]
    if not own:
        return None
    label = own[-1]
    printed = _UNIT_NOTE.search(label.text)
    unit = _unit(units[-1].text) if units else (printed["unit"] if printed else None)
    return _Line(row, label, tuple(cell.text for cell in words if cell is not label), unit, figures)


def _row_figures(row: Row, columns: tuple[_Column, ...]) -> tuple[tuple[_Column, Cell], ...]:
    return tuple((column, cell) for column in columns for cell in row.own if overlaps(cell, column.start, column.end))


def _unit(text: str) -> str | None:
    key = match_key(text)
    return key if key in UNITS else None


# --- placing ----------------------------------------------------------------------------------------------------


def _placed(lines: list[_Line], form: StatisticsForm) -> dict[int, Indicator]:
    """The indicator of each line that has one: in the form's order first, then by exact label wherever it stands."""
    pairs = align(
        len(lines),
        len(form.indicators),
        score=lambda i, j: _score(lines[i], form.indicators[j], form),
        merged_score=lambda _i, _j: None,
        skip_printed=lambda _i: 0.0,
        skip_expected=SKIPPED_INDICATOR,
    )
    placed = {
        pair.printed: form.indicators[pair.expected]
        for pair in pairs
        if _score(lines[pair.printed], form.indicators[pair.expected], form) > 0
    }
    for position, line in enumerate(lines):
        if position in placed:
            continue
        left = [one for one in form.indicators if one not in placed.values() and _is_known(line.label.text, one)]
        if len(left) == 1:
            placed[position] = left[0]
    return placed


def _score(line: _Line, indicator: Indicator, form: StatisticsForm) -> float:
    core = _core(line.label.text)
    printed, expected = ordinal(_AMONG.sub("", line.label.text)), form_ordinal(indicator)
    score = _likeness(core, indicator) - PLAUSIBLE
    if printed and expected:
        score += SAME_ORDINAL if printed == expected else -SAME_ORDINAL
    parents = _ancestors(indicator.code, form)
    if line.groups and parents:
        under = any(_is_known(group, parent) for group in line.groups for parent in parents)
        score += SAME_GROUP if under else -SAME_GROUP
    return score


@cache
def _ancestors(code: str, form: StatisticsForm) -> tuple[Indicator, ...]:
    by_code = {one.code: one for one in form.indicators}
    found = []
    parent = by_code[code].parent
    while parent is not None:
        found.append(by_code[parent])
        parent = by_code[parent].parent
    return tuple(found)


# --- figures ----------------------------------------------------------------------------------------------------


def _figures(line: _Line, indicator: Indicator | None) -> list[Statistic]:
    found = []
    for column, cell in line.figures:
        read = number(cell.text)
        # Money keeps the unit printed beside it; any other counting word in the cell means the column's unit.
        own = read.unit if read.unit in _MONEY else None
        unit = own or line.unit or (indicator.unit if indicator else None) or read.unit
        if unit == "宗" and indicator is not None:
            unit = indicator.unit
        found.append(
            Statistic(
                indicator.code if indicator else UNKNOWN,
                tidy(line.label.text),
                read.value,
                unit,
                column.heading,
                read.note,
                "table",
                None,
                CellRef(line.row.table, cell),
            )
        )
    return found


def _unknown(line: _Line) -> OddLabel:
    subject = f"statistics.{UNKNOWN}.table{line.row.table}.row{line.row.index + 1}.column{line.label.column + 1}"
    return OddLabel(subject, "an indicator of the form", line.label.text, CellRef(line.row.table, line.label))


def _unplaced(line: _Line) -> Unplaced:
    refs = tuple(CellRef(line.row.table, cell) for _, cell in line.figures)
    return Unplaced(f"statistics.table{line.row.table}.row{line.row.index + 1}", line.label.text, refs)
