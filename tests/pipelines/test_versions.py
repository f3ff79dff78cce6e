import json
import sys

import pytest

from pipelines.versions import LENGTH, NOT_OF_ROWS, code_version, reader_version, recogniser_version, validator_version

version_now = code_version.__wrapped__
"""The version told anew each time; a process otherwise tells it once."""

CODE = '''"""A module."""

LIMIT = 3


def double(value):
    """Twice the value."""
    return value * 2
'''


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of one module, given as text, whose version is told anew each time."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "measured_package", raising=False)
    folder = tmp_path / "measured_package"
    folder.mkdir()
    (folder / "__init__.py").touch()

    def version_of(code, **others):
        (folder / "module.py").write_text(code, encoding="utf-8")
        for name, content in others.items():
            path = folder / name.replace("__", "/").replace("_csv", ".csv").replace("_txt", ".txt").replace(
                "_py", ".py"
            )
            path.parent.mkdir(exist_ok=True)
            path.write_text(content, encoding="utf-8")
        return version_now("measured_package")

    return version_of


@pytest.mark.parametrize(
    "same",
    [
        CODE.replace("A module.", "Another description."),
        CODE.replace('    """Twice the value."""\n', ""),
        CODE.replace("LIMIT = 3", "LIMIT   =   3  # of them"),
        CODE.replace("return value * 2", "return (\n        value\n        * 2\n    )"),
    ],
)
def test_words_and_layout_do_not_count(package, same):
    assert same != CODE
    assert package(CODE) == package(same)


@pytest.mark.parametrize(
    "other",
    [
        CODE.replace("LIMIT = 3", "LIMIT = 4"),
        CODE.replace("value * 2", "value * 3"),
        CODE.replace("def double", "def twice"),
        CODE + "\nMORE = ()\n",
        CODE.replace("LIMIT = 3", 'LIMIT = "3"'),
    ],
)
def test_what_is_done_counts(package, other):
    assert package(CODE) != package(other)


def test_modules_below_and_tables_beside_the_code_count_and_other_files_do_not(package):
    alone = package(CODE)
    assert package(CODE, notes_txt="x") == alone
    with_table = package(CODE, table_csv="a,b\n1,2\n")
    assert with_table != alone
    assert package(CODE, table_csv="a,b\n1,3\n") != with_table
    assert package(CODE, table_csv="a,b\n1,2\n", below__more_py="X = 1\n") != with_table


def test_what_is_kept_of_the_modules_says_the_same(package, tmp_path, monkeypatch):
    kept = tmp_path / "kept" / "meanings.json"
    monkeypatch.setattr("pipelines.versions.KEPT", kept)
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    first = package(CODE)
    assert len(json.loads(kept.read_bytes())) == 2

    with monkeypatch.context() as patched:
        patched.setattr("pipelines.versions.ast.parse", lambda _: pytest.fail("parsed again"))
        assert package(CODE) == first
    other = package(CODE.replace("LIMIT = 3", "LIMIT = 4"))
    assert other != first
    for damage in (b"", b"[]", b"{"):
        kept.write_bytes(damage)
        assert package(CODE) == first


def test_where_nothing_may_be_written_versions_are_told_all_the_same(package, tmp_path, monkeypatch):
    first = package(CODE)
    (tmp_path / "a file").touch()
    monkeypatch.setattr("pipelines.versions.KEPT", tmp_path / "a file" / "meanings.json")
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    assert package(CODE) == first


def test_a_new_release_of_a_library_counts(monkeypatch):
    known = version_now("schemas.rules", libraries=("polars",))
    assert known != version_now("schemas.rules")
    monkeypatch.setattr("pipelines.versions.version", lambda _: "999")
    assert version_now("schemas.rules", libraries=("polars",)) != known


def test_the_versions_of_the_steps_are_three_and_short():
    versions = {reader_version(), recogniser_version(), validator_version()}
    assert len(versions) == 3
    assert {len(one) for one in versions} == {LENGTH}


def test_what_is_named_as_without_does_not_count(package):
    package(CODE)
    everything = version_now("measured_package")
    without = version_now("measured_package", without=("measured_package.module",))
    package(CODE.replace("LIMIT = 3", "LIMIT = 4"))
    assert version_now("measured_package") != everything
    assert version_now("measured_package", without=("measured_package.module",)) == without


def test_what_only_describes_the_data_redoes_no_partition():
    assert code_version("schemas") != code_version("schemas", without=("schemas.dictionary",))
    assert validator_version() == code_version("pipelines.validate", "schemas", without=NOT_OF_ROWS)
