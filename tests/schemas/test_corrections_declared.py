import pytest

from schemas.corrections import Correction, InvalidCorrections, Text, packaged, parse

GOOD = {
    "id": "example-2021-granted",
    "sha256": "a" * 64,
    "table": "requests",
    "row": "granted",
    "column": "total",
    "printed": "203",
    "corrected": "205",
    "basis": "arithmetic",
    "reason": "the six columns sum to 205",
    "source": "page 3",
    "status": "accepted",
}


def toml(*entries):
    lines = []
    for entry in entries:
        lines += ["[[correction]]", *(f'{name} = "{value}"' for name, value in entry.items())]
    return Text("example.toml", "\n".join(lines))


def problems_of(*entries):
    with pytest.raises(InvalidCorrections) as caught:
        parse([toml(*entries)])
    return "\n".join(caught.value.problems)


def test_the_package_s_own_files_are_valid():
    assert all(isinstance(entry, Correction) for entry in parse(packaged()))


def test_an_entry_is_read_as_it_is_declared():
    (entry,) = parse([toml(GOOD)])
    assert (entry.row, entry.column, entry.cell, str(entry.corrected)) == ("granted", "total", "", "205")


def test_a_cell_may_stand_for_row_and_column():
    by_cell = {name: value for name, value in GOOD.items() if name not in {"row", "column"}} | {"cell": "t2-r5-c9"}
    (entry,) = parse([toml(by_cell)])
    assert entry.cell == "t2-r5-c9"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sha256": "A" * 64}, "64 lower-case"),
        ({"table": "reports"}, "expected one of disclosures"),
        ({"row": "nonsense"}, "row 'nonsense'"),
        ({"column": ""}, "column ''"),
        ({"corrected": "many"}, "plain number"),
        ({"corrected": "1.5"}, "whole number"),
        ({"corrected": "-1"}, "whole number"),
        ({"corrected": "NaN"}, "14 digits"),
        ({"basis": "guess"}, "basis 'guess'"),
        ({"status": "maybe"}, "status 'maybe'"),
        ({"source": " "}, "source is missing"),
        ({"cell": "t2-r5-c9"}, "either cell, or row and column"),
        ({"pages": "3"}, "unknown field 'pages'"),
    ],
)
def test_what_is_wrong_is_named_with_the_entry(change, said):
    found = problems_of(GOOD | change)
    assert said in found
    assert "example.toml, entry 1 (example-2021-granted)" in found


def test_a_number_without_quotes_is_refused_because_it_may_lose_digits():
    text = toml(GOOD).content.replace('corrected = "205"', "corrected = 205")
    with pytest.raises(InvalidCorrections, match="expected text in quotes"):
        parse([Text("example.toml", text)])


def test_two_entries_for_one_figure_are_refused_unless_one_is_withdrawn():
    other = GOOD | {"id": "another", "corrected": "204"}
    assert "corrects the same figure" in problems_of(GOOD, other)
    assert len(parse([toml(GOOD, other | {"status": "withdrawn"})])) == 2


def test_an_id_stands_once():
    assert "the id is that of" in problems_of(GOOD, GOOD | {"row": "carried_over"})


def test_a_file_that_is_no_toml_is_named():
    with pytest.raises(InvalidCorrections, match=r"broken\.toml: no TOML"):
        parse([Text("broken.toml", "[[correction")])
