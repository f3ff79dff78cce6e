"""What offices do to the form: chapters numbered their own way, tables turned round, flattened or parted, odd signs.

Belongs here: changes to a report that is set out, in formats that keep cells apart (web page, Word, workbook), drawn
from a stream of their own so that all else stays as it is without them. Does not: markup, or what a report says.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise

from schemas.forms import form
from tests.generator.choices import Choices
from tests.generator.documents import Draft
from tests.generator.layouts import Chapter, Grid, Layout, Printed, Spot

_CHINESE = "一二三四五六七八九"
_NUMBERS: Mapping[str, Callable[[int], str]] = {
    "第一部分 ": lambda position: f"第{_CHINESE[position]}部分 ",
    "第一章": lambda position: f"第{_CHINESE[position]}章 ",
    "1.": lambda position: f"{position + 1}.",
    "1、": lambda position: f"{position + 1}、",
    "（一）": lambda position: f"（{_CHINESE[position]}）",
    "Ⅰ、": lambda position: f"{'ⅠⅡⅢⅣⅤⅥⅦⅧⅨ'[position]}、",
    "壹、": lambda position: f"{'壹贰叁肆伍陆柒捌玖'[position]}、",
    "none": lambda _: "",
}
_CIRCLED = "①②③④⑤⑥⑦⑧"
_NOTHING = ("无", "没有", "N/A", "‐", "×", "━")
_ZERO = ("零", "〇")
_MARKS = ("注①", "★", "\u00b9", "〔1〕", "，含补报")


def with_habits(made: Draft, kind: str, seed: int) -> Draft:
    """The draft with some of the habits; half of the drafts have none."""
    choices = Choices(f"habits {kind} {seed}")
    if choices.random.random() < 0.5:
        return made
    layout = made.layout
    layout = _renumbered(layout, choices)
    layout = _with_signs(layout, choices)
    layout = _with_marks(layout, choices)
    chapters = tuple(_chapter(chapter, made, choices) for chapter in layout.chapters)
    chapters = tuple(_shifted(chapter, choices) for chapter in chapters)
    made.choices.made.extend(choices.made)
    return replace(made, layout=replace(layout, chapters=chapters))


def _renumbered(layout: Layout, choices: Choices) -> Layout:
    named = [chapter for chapter in layout.chapters if chapter.heading]
    # A heading in a table, or a chapter that the form does not have, is told by its number alone.
    whole = len(named) == len(layout.chapters) - 1 and not any("重点" in chapter.heading for chapter in named)
    style = choices.pick("chapters numbered", (None, *_NUMBERS), (3, *(1,) * len(_NUMBERS))) if whole else None
    if style is None:
        return layout
    heads = {
        chapter.heading: _NUMBERS[style](position) + chapter.heading.partition("、")[2]
        for position, chapter in enumerate(named)
    }
    chapters = (replace(chapter, heading=heads.get(chapter.heading, "")) for chapter in layout.chapters)
    return replace(layout, chapters=tuple(chapters))


def _with_signs(layout: Layout, choices: Choices) -> Layout:
    """Another sign for nothing, or for none of them: what is read stays the same."""
    nothing = choices.pick("nothing", (None, *_NOTHING), (4, *(1,) * len(_NOTHING)))
    zero = choices.pick("none of them", (None, *_ZERO), (4, 1, 1))
    circled = choices.chance("ordinals in circles", 0.1)

    def signed(spot: Spot) -> Spot:
        if spot.key is not None:
            if nothing and layout.printed[spot.key].value is None and spot.text in {"-", "—", "——", "/", "…"}:
                return replace(spot, text=nothing)
            return replace(spot, text=zero) if zero and spot.text in {"0", "０"} else spot
        if circled and spot.kind == "label" and spot.text[:2] in {f"{digit}." for digit in range(1, 9)}:
            return replace(spot, text=_CIRCLED[int(spot.text[0]) - 1] + spot.text[2:].strip())
        return spot

    return _each_spot(layout, signed)


def _with_marks(layout: Layout, choices: Choices) -> Layout:
    """The marks of notes behind some figures."""
    mark = choices.pick("marks of notes", (None, *_MARKS), (5, *(1,) * len(_MARKS)))
    countable = sorted(
        key for key, one in layout.printed.items() if key[0] == "disclosures" and one.value and one.note is None
    )
    if mark is None or not countable:
        return layout
    marked = set(choices.random.sample(countable, min(2, len(countable))))
    printed = {key: replace(one, note=mark) if key in marked else one for key, one in layout.printed.items()}

    def with_mark(spot: Spot) -> Spot:
        return replace(spot, text=spot.text + mark) if spot.key in marked else spot

    return _each_spot(replace(layout, printed=printed), with_mark)


def _each_spot(layout: Layout, change: Callable[[Spot], Spot]) -> Layout:
    chapters = tuple(
        replace(
            chapter,
            grids=tuple(replace(grid, spots=tuple(map(change, grid.spots))) for grid in chapter.grids),
        )
        for chapter in layout.chapters
    )
    return replace(layout, chapters=chapters)


def _chapter(chapter: Chapter, made: Draft, choices: Choices) -> Chapter:
    grids: list[Grid] = []
    for grid in chapter.grids:
        if grid.name == "reviews":
            grids += _reviews(grid, made, choices)
        elif grid.name == "requests":
            grids += _parted(_flat(grid, made, choices), choices)
        else:
            grids.append(grid)
    return replace(chapter, grids=tuple(grids))


# --- chapter 4 ----------------------------------------------------------------------------------------------


def _reviews(grid: Grid, made: Draft, choices: Choices) -> list[Grid]:
    """Chapter 4 turned round, stacked or parted. One cell that is no number stops it: then nothing tells of the rest."""
    shape = choices.pick("chapter 4 as", ("form", "rows", "lines", "stack", "tables"), (5, 1, 1, 1, 1))
    texts = {spot.key: spot.text for spot in grid.spots if spot.key is not None}
    unreadable = any(key[0] == "reviews" for key in made.report.unreadable)
    if shape == "form" or unreadable or any(spot.kind == "title" for spot in grid.spots):
        return [grid]
    statutory = form(made.report.form)
    proceedings, results = statutory.proceedings, statutory.results

    def figure(row: int, column: int, proceeding: str, result: str) -> Spot:
        key = ("reviews", proceeding, result)
        return Spot(row, column, 1, 1, texts[key], "figure", key)

    def block(top: int, number: int) -> Iterator[Spot]:
        yield Spot(top, 0, 1, 5, proceedings[number].label, "head")
        for column, result in enumerate(results):
            yield Spot(top + 1, column, 1, 1, result.label, "head")
            yield figure(top + 2, column, proceedings[number].code, result.code)

    match shape:
        case "rows":
            spots = [Spot(0, 0, 1, 1, "", "head")]
            spots += [Spot(0, column, 1, 1, result.label, "head") for column, result in enumerate(results, 1)]
            for row, proceeding in enumerate(proceedings, 1):
                spots.append(Spot(row, 0, 1, 1, proceeding.label, "label"))
                spots += [figure(row, at, proceeding.code, result.code) for at, result in enumerate(results, 1)]
            return [Grid("reviews", tuple(spots), (2.0, *(1.0,) * 5), 1)]
        case "lines":
            spots = [Spot(0, column, 1, 1, text, "head") for column, text in enumerate(("类别", "结果", "数量"))]
            for number, proceeding in enumerate(proceedings):
                top = 1 + 5 * number
                spots.append(Spot(top, 0, 5, 1, proceeding.label, "head"))
                for row, result in enumerate(results, top):
                    spots.append(Spot(row, 1, 1, 1, result.label, "label"))
                    spots.append(figure(row, 2, proceeding.code, result.code))
            return [Grid("reviews", tuple(spots), (2.0, 2.0, 1.0), 1)]
        case "stack":
            spots = [spot for number in range(3) for spot in block(3 * number, number)]
            return [Grid("reviews", tuple(spots), (1.0,) * 5)]
        case _:
            return [Grid("reviews", tuple(block(0, number)), (1.0,) * 5) for number in range(3)]


# --- chapter 3 ----------------------------------------------------------------------------------------------


def _flat(grid: Grid, made: Draft, choices: Choices) -> Grid:
    """Chapter 3 as a plain list: each group a row over its rows, blank or with their sums."""
    groups = choices.pick("chapter 3 as", ("form", "blank group rows", "sums of groups"), (4, 1, 1))
    # A damaged label is told by its group, which a list does not print beside it.
    if groups == "form" or any(table == "requests" for table, _ in made.report.damaged) or made.report.unreadable:
        return grid
    statutory = form(made.report.form)
    group_of = {outcome.code: outcome.group for outcome in statutory.outcomes}
    figures: dict[str, list[Spot]] = {}
    for spot in grid.spots:
        if spot.key is not None:
            figures.setdefault(spot.key[1], []).append(spot)
    heads = {column.label: column for column in statutory.applicants}
    spots = [Spot(0, 0, 1, 1, "项目", "head")]
    spots += [Spot(0, column, 1, 1, label, "head") for column, label in enumerate(heads, 1)]
    row = 1
    before: str | None = None
    for code, cells in figures.items():
        group = group_of[code]
        if group is not None and group != before:
            members = [spot for other, all_of in figures.items() if group_of[other] == group for spot in all_of]
            spots.append(Spot(row, 0, 1, 1, group, "label"))
            for column, applicant in enumerate(statutory.applicants, 1):
                under = [
                    made.layout.printed[spot.key] for spot in members if spot.key and spot.key[2] == applicant.code
                ]
                text = _sum(under) if groups == "sums of groups" else ""
                spots.append(Spot(row, column, 1, 1, text, "spacer"))
            row += 1
        before = group
        labels = [spot for spot in grid.spots if spot.kind == "label" and spot.row == cells[0].row]
        label = max(labels, key=lambda spot: spot.column)
        spots.append(Spot(row, 0, 1, 1, label.text, "label"))
        ordered = sorted(cells, key=lambda spot: spot.column)
        spots += [replace(spot, row=row, column=column) for column, spot in enumerate(ordered, 1)]
        row += 1
    return Grid("requests", tuple(spots), (5.0, *(1.5,) * 7), 1)


def _sum(printed: list[Printed]) -> str:
    return f"{sum(int(one.value or 0) for one in printed)}"


def _parted(grid: Grid, choices: Choices) -> list[Grid]:
    """A table whose end is a table of its own, as a converter leaves what a page break parted."""
    cuts = [
        row
        for row in range(max(grid.head_rows, 1) + 3, grid.row_count)
        if not any(spot.row < row < spot.row + spot.row_span for spot in grid.spots)
    ]
    if not cuts or not choices.chance("chapter 3 in two tables", 0.2):
        return [grid]
    cut = choices.random.choice(cuts)
    upper = tuple(spot for spot in grid.spots if spot.row < cut)
    lower = tuple(replace(spot, row=spot.row - cut) for spot in grid.spots if spot.row >= cut)
    return [replace(grid, spots=upper), replace(grid, spots=lower, head_rows=0)]


# --- tables set otherwise on the page -------------------------------------------------------------------------


def _shifted(chapter: Chapter, choices: Choices) -> Chapter:
    """Blocks of chapter 2 beside each other, chapter 3 turned or its lower half beside the upper one."""
    names = {grid.name for grid in chapter.grids}
    if names == {"disclosures"}:
        shape = choices.pick("blocks of chapter 2", ("form", "side by side", "side by side in one table"), (5, 1, 1))
        if shape == "form" or not chapter.heading:
            return chapter  # with the chapter's heading over it, the rows of a block are not level with those beside it
        blocks = [block for grid in chapter.grids for block in _blocks(grid)]
        pairs = [_side_by_side(blocks[at : at + 2]) for at in range(0, len(blocks), 2)]
        return replace(chapter, grids=tuple(pairs) if shape == "side by side" else (_stacked(pairs),))
    if names == {"requests"} and len(chapter.grids) == 1 and chapter.grids[0].head_rows:
        shape = choices.pick("chapter 3 set", ("form", "applicants down", "halves side by side"), (6, 1, 1))
        if shape == "applicants down":
            return replace(chapter, grids=(_turned(chapter.grids[0]),))
        if shape == "halves side by side":
            return replace(chapter, grids=(_side_by_side(_halves(chapter.grids[0])),))
    return chapter


def _blocks(grid: Grid) -> Iterator[Grid]:
    """The blocks of chapter 2, each with what stands over its headings."""
    heads = sorted({spot.row for spot in grid.spots if "".join(spot.text.split()) == "信息内容"})
    titled = {spot.row for spot in grid.spots if spot.kind == "title"}
    starts = [0, *(row - (row - 1 in titled) for row in heads[1:])]
    for start, end in pairwise([*starts, grid.row_count]):
        spots = tuple(replace(spot, row=spot.row - start) for spot in grid.spots if start <= spot.row < end)
        yield replace(grid, spots=spots, head_rows=0)


def _side_by_side(grids: list[Grid]) -> Grid:
    """Tables beside each other as one; what is under the lower one is blank."""
    height = max(grid.row_count for grid in grids)
    spots: list[Spot] = []
    left = 0
    for grid in grids:
        spots += [_unlabelled(replace(spot, column=spot.column + left)) for spot in grid.spots]
        spots += [
            Spot(row, left + column, 1, 1, "", "spacer")
            for row in range(grid.row_count, height)
            for column in range(grid.column_count)
        ]
        left += grid.column_count
    return Grid(grids[0].name, tuple(spots), tuple(width for grid in grids for width in grid.widths))


def _stacked(grids: list[Grid]) -> Grid:
    """Tables under each other as one."""
    spots: list[Spot] = []
    top = 0
    for grid in grids:
        spots += [replace(spot, row=spot.row + top) for spot in grid.spots]
        top += grid.row_count
    return Grid(grids[0].name, tuple(spots), max((grid.widths for grid in grids), key=len))


def _halves(grid: Grid) -> list[Grid]:
    """The upper and the lower rows of chapter 3, each with the headings; of a label over both, the lower is blank.

    The row of a group stays with its rows.
    """
    head = grid.head_rows
    half = min(
        (
            row
            for row in range(head + 3, grid.row_count - 2)
            if not any(spot.row < row < spot.row + spot.row_span and spot.column for spot in grid.spots)
            and not any(spot.row == row - 1 and spot.kind == "spacer" for spot in grid.spots)
        ),
        key=lambda row: abs(row - (head + grid.row_count) // 2),
    )
    upper = tuple(replace(spot, row_span=min(spot.row_span, half - spot.row)) for spot in grid.spots if spot.row < half)
    lower = [spot for spot in grid.spots if spot.row < head]
    for spot in grid.spots:
        if spot.row >= half:
            lower.append(replace(spot, row=spot.row - half + head))
        elif spot.row + spot.row_span > half:
            lower.append(replace(spot, row=head, row_span=spot.row + spot.row_span - half, text="", kind="spacer"))
    return [replace(grid, spots=upper, head_rows=0), replace(grid, spots=tuple(lower), head_rows=0)]


def _turned(grid: Grid) -> Grid:
    """The table with its rows as columns."""
    spots = tuple(
        _unlabelled(
            replace(spot, row=spot.column, column=spot.row, row_span=spot.column_span, column_span=spot.row_span)
        )
        for spot in grid.spots
    )
    return Grid(grid.name, spots, (1.0,) * grid.row_count)


def _unlabelled(spot: Spot) -> Spot:
    """A label as a heading: what markup does to labels (a row span that is wrong) would change what a figure is."""
    return replace(spot, kind="head") if spot.kind == "label" else spot
