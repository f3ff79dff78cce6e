from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pipelines.fetch.archive import Archive
from pipelines.fetch.register import registered
from pipelines.ingest import SUFFIXES, Hints, IngestError, candidate, files_of, ingest
from pipelines.jobs import jobs
from pipelines.sample.site import SITE, sample_sources
from pipelines.steps import examined
from pipelines.work import waiting
from warehouse.layout import Home, Partition

REPORT = next(source for source in sample_sources() if source.url.endswith(".htm"))
PAGE = (SITE / REPORT.url.split("/", 3)[3]).read_bytes()


@pytest.fixture
def file(tmp_path):
    """A report of the sample as a file on disk."""
    path = tmp_path / "报告.htm"
    path.write_bytes(PAGE)
    return path


def without(content, *texts):
    """The page with these texts, in its own encoding, taken out."""
    text = content.decode("utf-8")
    for one in texts:
        text = text.replace(one, "")
    return text.encode("utf-8")


# --- which files ----------------------------------------------------------------------------------------------------


def test_a_file_named_is_taken_whatever_its_name(tmp_path):
    path = tmp_path / "report.tmp"
    path.write_bytes(b"x")
    assert files_of([path]) == (path,)


def test_of_a_folder_files_of_known_suffixes_are_taken_sorted_and_below_it_too(tmp_path):
    for name in ("b.PDF", "a.html", "notes.txt", "below/c.docx", "below/.hidden"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    assert [path.relative_to(tmp_path).as_posix() for path in files_of([tmp_path])] == [
        "a.html",
        "b.PDF",
        "below/c.docx",
    ]


def test_a_file_named_twice_is_taken_once(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(b"x")
    assert files_of([path, tmp_path, path]) == (path,)


def test_a_path_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(IngestError, match=r"nothing\.pdf: no such file or folder"):
        files_of([tmp_path / "nothing.pdf"])


def test_a_folder_without_reports_is_refused_with_what_is_looked_for(tmp_path):
    (tmp_path / "notes.txt").write_bytes(b"x")
    with pytest.raises(IngestError, match=SUFFIXES[0]):
        files_of([tmp_path])


# --- what a file is -------------------------------------------------------------------------------------------------


def test_region_year_and_publisher_come_from_the_document(file):
    found = candidate(file, Hints())
    assert found.content == PAGE
    assert found.source == replace(REPORT, url=file.as_uri(), title=None)


def test_a_year_is_filled_in_where_the_document_names_none(file):
    file.write_bytes(without(PAGE, f"{REPORT.year}年", str(REPORT.year)))
    with pytest.raises(IngestError, match="year"):
        candidate(file, Hints())
    assert candidate(file, Hints(year=2021)).source.year == 2021
    # The region alone does not tell the year.
    with pytest.raises(IngestError, match="--year"):
        candidate(file, Hints(city=REPORT.city, region_code=REPORT.region_code))
    told = Hints(city=REPORT.city, region_code=REPORT.region_code, year=2021)
    assert (candidate(file, told).source.city, candidate(file, told).source.year) == (REPORT.city, 2021)


def test_a_region_and_a_publisher_are_filled_in_where_the_document_names_none(file):
    file.write_bytes(without(PAGE, "平潭综合实验区管理委员会", "平潭综合实验区", "平潭"))
    with pytest.raises(IngestError):
        candidate(file, Hints())
    told = Hints(city=REPORT.city, region_code=REPORT.region_code, publisher="平潭综合实验区管理委员会")
    found = candidate(file, told).source
    assert (found.city, found.region_code, found.year) == (REPORT.city, REPORT.region_code, REPORT.year)
    assert found.publisher == "平潭综合实验区管理委员会"


@pytest.mark.parametrize(
    "hints", [Hints(year=REPORT.year - 1), Hints(city="zhoukou-411600", region_code="411600", year=REPORT.year)]
)
def test_options_that_contradict_the_document_are_refused(file, hints):
    with pytest.raises(IngestError, match=f"report on {REPORT.year}.*not one on .* as the options say"):
        candidate(file, hints)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "cannot be opened"),
        (b"plain text of no consequence", "text/plain"),
        (
            b"<html><head><title>news</title></head><body><p>%s</p></body></html>"
            % "今日要闻：某地召开会议。".encode(),
            ".",
        ),
        (b"%PDF-1.4\n%%EOF\n", "."),
    ],
)
def test_what_is_no_report_is_refused_with_its_name(tmp_path, content, reason):
    path = tmp_path / "file.pdf"
    path.write_bytes(content)
    with pytest.raises(IngestError, match=rf"file\.pdf: .*{reason}"):
        candidate(path, Hints())


def test_a_folder_in_place_of_a_file_is_refused(tmp_path):
    with pytest.raises(IngestError, match="cannot be read"):
        candidate(tmp_path, Hints())


def test_looking_writes_nothing(file):
    before = sorted(file.parent.rglob("*"))
    candidate(file, Hints())
    assert sorted(file.parent.rglob("*")) == before


# --- ingesting ------------------------------------------------------------------------------------------------------


def test_files_are_archived_and_registered_as_from_disk(file, tmp_path):
    home = Home(tmp_path / "home")
    found = candidate(file, Hints())
    start = datetime.now(UTC)
    assert ingest(home, [found]) == (Partition(REPORT.city, REPORT.year),)
    assert registered(home) == (found.source,)
    (capture,) = Archive(home.archive).captures(file.as_uri())
    assert capture.origin == "disk"
    assert start <= capture.retrieved_at <= datetime.now(UTC)
    assert Archive(home.archive).content(capture.sha256) == PAGE


def test_the_same_file_again_changes_nothing_and_another_content_is_a_new_version(file, tmp_path):
    home = Home(tmp_path / "home")
    ingest(home, [candidate(file, Hints())])
    ingest(home, [candidate(file, Hints())])
    assert len(Archive(home.archive).captures(file.as_uri())) == 1
    file.write_bytes(PAGE + b"<!-- revised -->")
    ingest(home, [candidate(file, Hints())])
    assert len(Archive(home.archive).captures(file.as_uri())) == 2


def test_nothing_to_ingest_writes_nothing_but_an_empty_archive(tmp_path):
    home = Home(tmp_path / "home")
    assert ingest(home, []) == ()
    assert registered(home) == ()


# --- what waits for a program ---------------------------------------------------------------------------------------

RTF = rb"{\rtf1\ansi {\b a report}\par}"


@pytest.fixture
def old_file(tmp_path, monkeypatch):
    """A file that LibreOffice converts, and no LibreOffice."""
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    path = tmp_path / "report.rtf"
    path.write_bytes(RTF)
    return path


def test_a_file_that_waits_for_a_program_is_archived_if_the_options_say_what_it_is(old_file, tmp_path):
    hints = Hints("zhoukou-411600", "411600", 2016, "周口市人民政府")
    home = Home(tmp_path / "home")
    (partition,) = ingest(home, [candidate(old_file, hints)])
    assert partition == Partition("zhoukou-411600", 2016)
    (source,) = registered(home)
    assert Archive(home.archive).content(Archive(home.archive).latest(source.url).sha256) == RTF

    (job,) = jobs([source])
    (told,) = examined(home, job)
    assert told.outcome.status == "quarantined"
    assert "apt-get install libreoffice-writer-nogui" in told.outcome.reason
    assert waiting(home) == {told.sha256: "LibreOffice"}


def test_a_file_that_waits_for_a_program_is_refused_if_nothing_says_what_it_is(old_file):
    with pytest.raises(IngestError, match="--region and --year, and it is archived now"):
        candidate(old_file, Hints())
