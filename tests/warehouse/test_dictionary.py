"""Dictionary, Parquet, DuckDB and README say the same of the tables."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from stored_rows import ZHOUKOU_2022, series_finding

from schemas import derive
from schemas.authorities import targets
from schemas.caveats import CAVEATS
from schemas.dictionary import dictionary
from warehouse.assembler import BUILD_TABLE
from warehouse.dictionary import as_html, as_markdown
from warehouse.export import export
from warehouse.reader import open_warehouse

ROOT = Path(__file__).parents[2]
SAID = dictionary()
NAMES = [table.name for table in SAID.tables]


@pytest.mark.parametrize("name", NAMES)
def test_dictionary_and_database_agree(assembled_home, name):
    with open_warehouse(assembled_home.database) as warehouse:
        columns = warehouse.query(
            "SELECT column_name, data_type, is_nullable, comment FROM duckdb_columns() WHERE table_name = ? "
            "ORDER BY column_index",
            [name],
        ).rows()
        (comment,) = warehouse.query("SELECT comment FROM duckdb_tables() WHERE table_name = ?", [name]).row(0)
    table = SAID.table(name)
    assert comment == f"{table.zh} | {table.en}"
    assert [(column.name, column.type, column.nullable) for column in table.columns] == [row[:3] for row in columns]
    for column, (*_, said) in zip(table.columns, columns, strict=True):
        assert said.startswith(f"{column.zh} | {column.en_text}")


def test_dictionary_and_database_have_the_same_tables(assembled_home):
    with open_warehouse(assembled_home.database) as warehouse:
        found = warehouse.query("SELECT table_name FROM duckdb_tables()")["table_name"].to_list()
    assert set(found) - {BUILD_TABLE} == set(NAMES)


def test_dictionary_and_parquet_agree(home):
    from warehouse.assembler import assemble

    assemble(home, regions=derive.empty("regions"), series_findings=series_finding(ZHOUKOU_2022))
    export(home)
    for table in SAID.tables:
        schema = pq.read_schema(home.parquet / f"{table.name}.parquet")
        assert schema.names == [column.name for column in table.columns]
        assert [field.nullable for field in schema] == [column.nullable for column in table.columns]


def test_the_readme_lists_the_tables_of_the_dictionary():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", readme, re.MULTILINE)) == set(NAMES)


def test_the_committed_dictionary_is_current():
    committed = (ROOT / "docs" / "dictionary.md").read_text(encoding="utf-8")
    assert committed == as_markdown(), "run `gongkai dictionary --markdown docs/dictionary.md`"


def known_targets():
    columns = {f"{table.name}.{column.name}" for table in SAID.tables for column in table.columns}
    codes = {f"{one.name}={code.code}" for one in SAID.code_lists for code in one.codes}
    return {*NAMES, *columns, *codes}


def test_caveats_and_provisions_concern_things_that_exist():
    assert {target for caveat in CAVEATS for target in caveat.targets} <= known_targets()
    assert targets() <= known_targets()
    assert len({caveat.code for caveat in CAVEATS}) == len(CAVEATS)


def test_a_code_says_how_it_is_printed_and_what_it_rests_on():
    (code,) = [one for one in SAID.code_list("outcome").codes if one.code == "denied.state_secret"]
    assert [(label.form, label.label) for label in code.printed] == [
        ("2021", "不予公开：1.属于国家秘密"),
        ("2019", "不予公开：1.属于国家秘密"),
    ]
    assert [one.zh for one in code.citations] == ["国令第711号第十四条"]


class Links(HTMLParser):
    """What a page names and what it points to."""

    def __init__(self):
        super().__init__()
        self.ids, self.links, self.sources = [], [], []

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        if "id" in said:
            self.ids.append(said["id"])
        if tag == "a" and "href" in said:
            self.links.append(said["href"])
        self.sources += [value for name, value in attrs if name == "src"]
        if tag in {"link", "script", "img"}:
            self.sources.append(tag)


def test_the_page_needs_nothing_but_itself_and_every_link_leads_somewhere():
    page = Links()
    page.feed(as_html())
    assert page.sources == []
    assert len(page.ids) == len(set(page.ids))
    assert "requests.value" in page.ids
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert all(link.startswith("#") for link in page.links)
    assert "http" not in as_html()


def test_every_link_of_the_markdown_leads_somewhere():
    text = as_markdown()
    anchors = re.findall(r'<a id="([^"]+)">', text)
    assert len(anchors) == len(set(anchors))
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= set(anchors)
