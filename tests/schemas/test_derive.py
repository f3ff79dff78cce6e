import duckdb
import polars as pl
import pyarrow as arrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandera.errors import SchemaErrors

from schemas import derive

each_table = pytest.mark.parametrize("table", derive.tables())
# DuckDB ends a statement at NUL; no identifier or comment of ours has one.
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@pytest.fixture(scope="module")
def created():
    """DuckDB with every table as its DDL makes it."""
    with duckdb.connect() as connection:
        for table in derive.tables():
            for statement in derive.ddl(table):
                connection.execute(statement)
        yield connection


@each_table
def test_an_empty_frame_is_valid(table):
    frame = derive.empty(table)
    assert frame.is_empty()
    assert derive.model(table).validate(frame, lazy=True).equals(frame)


@each_table
def test_arrow_and_polars_agree(table):
    schema = derive.arrow_schema(table)
    assert schema.names == list(derive.polars_schema(table))
    assert pl.DataFrame(schema.empty_table()).schema == derive.polars_schema(table)
    assert [field.nullable for field in schema] == [column.nullable for column in derive.columns(table)]


@each_table
def test_duckdb_and_polars_agree(created, table):
    created.execute("SET TimeZone = 'UTC'")
    found = created.execute(f"FROM {derive.quoted(table)}").to_arrow_table()
    assert pl.DataFrame(found).schema == derive.polars_schema(table)


@each_table
def test_ddl_makes_the_declared_columns(created, table):
    rows = created.execute(
        "SELECT column_name, data_type, is_nullable, comment FROM duckdb_columns() "
        "WHERE table_name = ? ORDER BY column_index",
        [table],
    ).fetchall()
    assert rows == [
        (column.name, derive.duckdb_type(column.dtype), column.nullable, derive.comment(column))
        for column in derive.columns(table)
    ]


@each_table
def test_ddl_comments_the_table(created, table):
    query = "SELECT comment FROM duckdb_tables() WHERE table_name = ?"
    assert created.execute(query, [table]).fetchall() == [(" | ".join(derive.table_comment(table)),)]


def test_a_comment_has_label_description_and_unit():
    columns = {column.name: column for column in derive.columns("requests")}
    assert derive.comment(columns["value"]) == "数值 | number of requests; null where the cell has none [件]"
    assert derive.comment(columns["applicant"]).startswith("申请人 | column of the form (natural_person 自然人, ")


def test_a_code_list_is_found_by_its_name():
    assert derive.code_list("applicant").zh("total") == "总计"
    with pytest.raises(KeyError, match="no code list is named 'code'"):
        derive.code_list("code")


def test_a_column_carries_what_is_declared():
    columns = {column.name: column for column in derive.columns("cells")}
    assert columns["x0"] == derive.Column(
        "x0",
        pl.Float64(),
        True,
        "左",
        "left edge of the cell on the page, from its left",
        "pt",
        None,
        "Left edge",
        "单元格左边到页面左边的距离",
    )
    assert columns["state"].codes == "state"


@pytest.mark.parametrize(
    ("dtype", "duckdb_name"),
    [
        (pl.String(), "VARCHAR"),
        (pl.Boolean(), "BOOLEAN"),
        (pl.Int32(), "INTEGER"),
        (pl.Int64(), "BIGINT"),
        (pl.Float64(), "DOUBLE"),
        (pl.Date(), "DATE"),
        (pl.Decimal(20, 6), "DECIMAL(20,6)"),
        (pl.Datetime("us", "UTC"), "TIMESTAMP WITH TIME ZONE"),
        (pl.List(pl.String()), "VARCHAR[]"),
        (pl.List(pl.List(pl.Int32())), "INTEGER[][]"),
    ],
)
def test_duckdb_types(dtype, duckdb_name):
    assert derive.duckdb_type(dtype) == duckdb_name


@pytest.mark.parametrize("dtype", [pl.Int8(), pl.UInt64(), pl.Binary(), pl.List(pl.Binary())])
def test_a_type_no_table_uses_is_refused(dtype):
    with pytest.raises(TypeError, match=r"schemas\.derive"):
        derive.duckdb_type(dtype)


def test_an_unknown_table_is_refused():
    with pytest.raises(KeyError):
        derive.model("nothing")


@settings(max_examples=50)
@given(TEXT)
def test_a_literal_is_the_text(text):
    with duckdb.connect() as connection:
        assert connection.execute(f"SELECT {derive.literal(text)}").fetchone() == (text,)


@settings(max_examples=50)
@given(TEXT.filter(len))
def test_a_quoted_name_is_the_name(name):
    with duckdb.connect() as connection:
        found = connection.execute(f"SELECT 1 AS {derive.quoted(name)}")
        assert found.description[0][0] == name


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("requests", {"outcome": "nonsense"}),
        ("requests", {"year": 1999}),
        ("requests", {"city": "周口"}),
        ("requests", {"cell_id": None}),
        ("reviews", {"result": "won"}),
        ("disclosures", {"unit": "$"}),
    ],
)
def test_a_row_that_is_not_as_declared_is_refused(table, change):
    valid = {
        "requests": ("r", "zhoukou-411600", 2021, "granted", "total", 1, None, None, "c"),
        "reviews": ("r", "zhoukou-411600", 2021, "litigation_direct", "upheld", 1, None, None, "c"),
        "disclosures": ("r", "zhoukou-411600", 2021, "fees", "amount", None, None, "元", None, "c"),
    }[table]
    frame = pl.DataFrame([valid], schema=derive.polars_schema(table), orient="row")
    assert derive.model(table).validate(frame, lazy=True).equals(frame)
    (name, value), *_ = change.items()
    spoilt = frame.with_columns(pl.lit(value, frame.schema[name]).alias(name))
    with pytest.raises(SchemaErrors):
        derive.model(table).validate(spoilt, lazy=True)


def test_the_arrow_schema_names_its_types():
    schema = derive.arrow_schema("disclosures")
    assert schema.field("value").type == arrow.decimal128(20, 6)
    assert schema.field("year").type == arrow.int32()
    assert derive.arrow_schema("documents").field("retrieved_at").type == arrow.timestamp("us", tz="UTC")
    assert derive.arrow_schema("findings").field("cell_ids").type == arrow.list_(arrow.string())
