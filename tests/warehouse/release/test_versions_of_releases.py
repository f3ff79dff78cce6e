import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.release.version import CHECKSUMS, InvalidVersion, Version, last_before, versions

numbers = st.lists(st.integers(0, 3000), min_size=1, max_size=3).map(tuple)


@given(numbers)
def test_a_version_is_read_as_it_is_written(parts):
    version = Version(parts)
    assert Version.from_text(str(version)) == version


@pytest.mark.parametrize("text", ["", "v1", "2026.01", "1.2.3.4", "2026-1", "../1", "1.", ".1", "1 ", "１"])
def test_other_texts_are_no_versions(text):
    with pytest.raises(InvalidVersion, match="2026.1 or 1.2.0"):
        Version.from_text(text)


def test_versions_are_ordered_by_their_numbers():
    texts = ["2026.2", "2026.10", "2026.10.1", "2027"]
    assert sorted(map(Version.from_text, reversed(texts))) == [Version.from_text(text) for text in texts]


def test_only_folders_with_checksums_are_releases(tmp_path):
    for name in ("2026.2", "2026.10", "drafts", "2027"):
        (tmp_path / name).mkdir()
    for name in ("2026.2", "2026.10", "drafts"):
        (tmp_path / name / CHECKSUMS).touch()
    assert [str(one) for one in versions(tmp_path)] == ["2026.2", "2026.10"]
    assert str(last_before(tmp_path, Version((2026, 11)))) == "2026.10"
    assert str(last_before(tmp_path, Version((2026, 10)))) == "2026.2"
    assert last_before(tmp_path, Version((2026, 2))) is None
