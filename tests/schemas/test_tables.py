import re

import pandera.polars as pa
import pytest

from schemas import codes, derive
from schemas.codes import CodeList
from schemas.rules import RULES
from schemas.tables import PARTITIONED, TABLES

CODE_LISTS = {value.name: value for value in vars(codes).values() if isinstance(value, CodeList)}
COLUMNS = [(table, column) for table in derive.tables() for column in derive.columns(table)]
HAN = re.compile(r"[\u4e00-\u9fff]")

each_table = pytest.mark.parametrize("table", derive.tables())
each_column = pytest.mark.parametrize(
    ("table", "column"), COLUMNS, ids=[f"{table}.{column.name}" for table, column in COLUMNS]
)


def test_the_tables_are_those_of_the_contract_in_its_order():
    assert list(TABLES) == [
        "regions",
        "documents",
        "reports",
        "disclosures",
        "requests",
        "reviews",
        "statistics",
        "narrative",
        "sections",
        "cells",
        "findings",
        "corrections",
        "population",
    ]
    assert list(PARTITIONED) == list(TABLES)[1:-1]


@each_table
def test_a_table_is_described_in_both_languages(table):
    zh, en = derive.table_comment(table)
    assert HAN.search(zh)
    assert en
    assert not HAN.search(en)


@each_column
def test_a_column_is_described_in_both_languages(table, column):
    assert HAN.search(column.zh), f"{table}.{column.name} has no zh label"
    assert column.en, f"{table}.{column.name} has no en description"
    assert not HAN.search(column.en.replace("元", "yuan"))
    assert HAN.search(column.meaning), f"{table}.{column.name} has no zh description"
    assert column.label, f"{table}.{column.name} has no en label"
    assert not HAN.search(column.label)


@each_column
def test_a_column_name_is_plain_ascii(table, column):
    assert re.fullmatch(r"[a-z][a-z0-9_]*", column.name), table


@pytest.mark.parametrize(
    ("table", "column"),
    [(table, column) for table, column in COLUMNS if column.codes],
    ids=[f"{table}.{column.name}" for table, column in COLUMNS if column.codes],
)
def test_a_code_list_a_column_names_exists_and_is_enforced(table, column):
    (check,) = [check for check in derive.model(table).to_schema().columns[column.name].checks if check.name == "isin"]
    assert check.statistics["allowed_values"] == CODE_LISTS[column.codes].values()


@each_table
def test_the_key_is_of_columns_that_are_never_null(table):
    columns = {column.name: column for column in derive.columns(table)}
    assert derive.key(table)
    assert len(set(derive.key(table))) == len(derive.key(table))
    assert not [name for name in derive.key(table) if columns[name].nullable]


@each_table
def test_no_column_is_missing_or_superfluous_in_a_valid_frame(table):
    config = derive.model(table).Config
    assert config.strict is True
    assert config.ordered is True


@pytest.mark.parametrize("table", PARTITIONED)
def test_a_partitioned_table_says_its_partition(table):
    columns = {column.name: column for column in derive.columns(table)}
    assert not columns["city"].nullable
    assert not columns["year"].nullable


def test_a_name_has_one_type_everywhere():
    types = {}
    for _, column in COLUMNS:
        types.setdefault(column.name, set()).add(str(column.dtype))
    # A figure is a count in some tables and money in others.
    assert {name for name, found in types.items() if len(found) > 1} == {"value", "corrected"}


@pytest.mark.parametrize("code_list", CODE_LISTS.values(), ids=lambda one: one.name)
def test_codes_are_unique_ascii_and_labelled(code_list):
    assert len(set(code_list.values())) == len(code_list.codes)
    for code in code_list.codes:
        assert re.fullmatch(r"[a-z0-9_.]+", code.code)
        assert HAN.search(code.zh)
        assert code.en
    assert code_list.zh(code_list.codes[0].code) == code_list.codes[0].zh
    with pytest.raises(KeyError, match=code_list.name):
        code_list.zh("no such code")


def test_a_rule_has_one_id_and_a_severity_of_the_list():
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert {rule.severity for rule in RULES} <= set(codes.SEVERITY.values())


def test_models_are_pandera_models():
    assert all(issubclass(model, pa.DataFrameModel) for model in TABLES.values())
