"""The dictionary: all that is declared of the data, as plain values to render or to put into a descriptor.

Made of the pandera models (`schemas.tables`, `schemas.marts`), code lists, forms, indicators, rules, caveats and
authorities; nothing is declared here. Rendering it is the business of `warehouse.dictionary`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from inspect import cleandoc

from schemas import codes as code_lists
from schemas import derive
from schemas.authorities import AUTHORITIES, Authority, authority, provisions
from schemas.caveats import CAVEATS, Caveat, caveats
from schemas.forms import all_forms, statistics_forms
from schemas.forms.form import Label
from schemas.indicators import Indicator, indicators
from schemas.marts import MARTS
from schemas.rules import RULES, Rule


@dataclass(frozen=True, slots=True)
class Citation:
    """A place in a regulation or notice, written out in zh (`条例 第十四条`) and en."""

    authority: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Printed:
    """How a code is printed on a form: the form's version, its wording, and wordings that are known to mean it."""

    form: str
    label: str
    variants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """A code of a list, with its labels, how forms print it, what it rests on and the codes of its caveats."""

    code: str
    zh: str
    en: str
    printed: tuple[Printed, ...]
    citations: tuple[Citation, ...]
    caveats: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CodeList:
    """A closed list of codes, in the order of the form, with the columns (`table.column`) that draw on it."""

    name: str
    codes: tuple[Code, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Args:
        name: its name.
        type: its DuckDB type.
        nullable: whether it may be null.
        in_key: whether it is part of the table's key.
        unit: the unit of its numbers, where all have the same.
        zh, en: its labels.
        zh_text, en_text: its descriptions.
        codes: name of the code list its values are from, if any.
        citations: what it rests on.
        caveats: codes of its caveats.
    """

    name: str
    type: str
    nullable: bool
    in_key: bool
    unit: str | None
    zh: str
    en: str
    zh_text: str
    en_text: str
    codes: str | None
    citations: tuple[Citation, ...]
    caveats: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table or mart.

    Args:
        name: its name.
        kind: `table` for loaded rows, `mart` for what is computed of them.
        zh, en: its label (zh) and its description in one line (en).
        text: more about it, in en; empty where there is no more.
        key: the columns that identify a row.
        columns: its columns, in order.
        citations: what it rests on.
        caveats: codes of its caveats.
    """

    name: str
    kind: str
    zh: str
    en: str
    text: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    citations: tuple[Citation, ...]
    caveats: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dictionary:
    """Everything that is declared of the data."""

    tables: tuple[Table, ...]
    code_lists: tuple[CodeList, ...]
    indicators: tuple[Indicator, ...]
    rules: tuple[Rule, ...]
    caveats: tuple[Caveat, ...]
    authorities: tuple[Authority, ...]

    def table(self, name: str) -> Table:
        """The table of that name; raises KeyError for an unknown one."""
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(f"no table {name!r}; known: {', '.join(table.name for table in self.tables)}")

    def code_list(self, name: str) -> CodeList:
        """The code list of that name; raises KeyError for an unknown one."""
        for one in self.code_lists:
            if one.name == name:
                return one
        raise KeyError(f"no code list {name!r}; known: {', '.join(one.name for one in self.code_lists)}")


@cache
def dictionary() -> Dictionary:
    """The dictionary of all declared tables and marts."""
    tables = tuple(_table(name) for name in derive.tables())
    used: dict[str, list[str]] = {}
    for table in tables:
        for column in table.columns:
            if column.codes:
                used.setdefault(column.codes, []).append(f"{table.name}.{column.name}")
    return Dictionary(
        tables=tables,
        code_lists=tuple(_code_list(one, used.get(one.name, ())) for one in declared_code_lists()),
        indicators=indicators(),
        rules=RULES,
        caveats=CAVEATS,
        authorities=AUTHORITIES,
    )


def declared_code_lists() -> tuple[code_lists.CodeList, ...]:
    """Every code list of `schemas.codes`, in the order of declaration."""
    return tuple(value for value in vars(code_lists).values() if isinstance(value, code_lists.CodeList))


def _table(name: str) -> Table:
    zh, en = derive.table_comment(name)
    _, _, text = cleandoc(derive.model(name).__doc__ or "").partition("\n")
    key = derive.key(name)
    return Table(
        name=name,
        kind="mart" if name in MARTS else "table",
        zh=zh,
        en=en,
        text=" ".join(text.split()),
        key=tuple(key),
        columns=tuple(_column(name, column, column.name in key) for column in derive.columns(name)),
        citations=_citations(name),
        caveats=_caveats(name),
    )


def _column(table: str, column: derive.Column, in_key: bool) -> Column:
    target = f"{table}.{column.name}"
    return Column(
        name=column.name,
        type=derive.duckdb_type(column.dtype),
        nullable=column.nullable,
        in_key=in_key,
        unit=column.unit,
        zh=column.zh,
        en=column.label,
        zh_text=column.meaning,
        en_text=column.en,
        codes=column.codes,
        citations=_citations(target),
        caveats=_caveats(target),
    )


def _code_list(declared: code_lists.CodeList, columns: Iterable[str]) -> CodeList:
    printed = _printed(declared.name)
    return CodeList(
        declared.name,
        tuple(
            Code(
                code=one.code,
                zh=one.zh,
                en=one.en,
                printed=printed.get(one.code, ()),
                citations=_citations(f"{declared.name}={one.code}"),
                caveats=_caveats(f"{declared.name}={one.code}"),
            )
            for one in declared.codes
        ),
        tuple(columns),
    )


def _printed(name: str) -> dict[str, tuple[Printed, ...]]:
    """How the forms print the codes of a list, by code, the newest form first."""
    found: dict[str, dict[str, Printed]] = {}
    for form in all_forms():
        by_list: dict[str, tuple[Label, ...]] = {
            "category": tuple(label for block in form.blocks for label in block.categories),
            "measure": tuple(label for block in form.blocks for label in block.measures),
            "applicant": form.applicants,
            "outcome": form.outcomes,
            "proceeding": form.proceedings,
            "result": form.results,
        }
        for label in by_list.get(name, ()):
            found.setdefault(label.code, {})[form.version] = Printed(form.version, _wording(label), label.variants)
    return {code: tuple(by_form.values()) for code, by_form in found.items()}


def _wording(label: Label) -> str:
    """A label with the number that the form prints before it, and the heading that it stands under."""
    number = label.ordinal or ""
    separator = "" if number.startswith("（") or not number else "." if number.isascii() else "、"
    heading = f"{label.group}：" if label.group else ""
    return f"{heading}{number}{separator}{label.label}"


def statistics_labels() -> dict[str, tuple[Printed, ...]]:
    """How the statistics tables print each of their lines, by indicator."""
    found: dict[str, list[Printed]] = {}
    for table in statistics_forms():
        for line in table.indicators:
            found.setdefault(line.code, []).append(Printed(table.version, _wording(line), line.variants))
    return {code: tuple(labels) for code, labels in found.items()}


def _citations(target: str) -> tuple[Citation, ...]:
    cited = []
    for one in provisions(target):
        source = authority(one.authority)
        cited.append(Citation(source.code, f"{source.number}{one.zh}", f"{source.number} {one.en}".strip()))
    return tuple(cited)


def _caveats(target: str) -> tuple[str, ...]:
    return tuple(one.code for one in caveats(target))
