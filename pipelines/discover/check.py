"""Checking catalogue files without using them: all that is wrong, and what is worth a second look.

Belongs here: which kind of file it is, and bringing problems together. Does not: the rules themselves, which are
those of loading (`catalogue`, `listings`).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pipelines.discover.addresses import same_document
from pipelines.discover.catalogue import (
    check_catalogue,
    default_catalogue,
    default_files,
    own_file,
    remark,
)
from pipelines.discover.declared import File, columns_of
from pipelines.discover.listings import check_listings, default_listing_files
from pipelines.discover.source import Source
from warehouse.layout import Home


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found.

    Args:
        sources: how many valid sources the files have.
        listings: how many valid listing pages.
        problems: what is wrong, each with its file and line.
        remarks: what may be meant so.
    """

    sources: int
    listings: int
    problems: tuple[str, ...]
    remarks: tuple[str, ...]


def check_files(paths: Iterable[File]) -> Checked:
    """Check files of sources and of listing pages, which are told apart by their columns."""
    paths = tuple(paths)
    listing_files = tuple(path for path in paths if _lists_pages(path))
    source_files = tuple(path for path in paths if path not in listing_files)
    known, problems = check_catalogue(source_files)
    pages, page_problems = check_listings(listing_files)
    remarks = [f"{source.url}: {said}" for source in known if (said := remark(source))]
    if not set(source_files) & set(default_files()):
        remarks += _in_default(known)
    return Checked(len(known), len(pages), (*problems, *page_problems), tuple(remarks))


def check_all(home: Home) -> Checked:
    """Check the package's own files and the home's."""
    package = check_files((*default_files(), *default_listing_files()))
    own = check_files(path for path in (own_file(home), home.root / "listings.csv") if path.exists())
    return Checked(
        package.sources + own.sources,
        package.listings + own.listings,
        package.problems + own.problems,
        package.remarks + own.remarks,
    )


def _lists_pages(path: File) -> bool:
    """Whether it is a file of listing pages: these need no year, and have notes."""
    columns = columns_of(path)
    return "note" in columns or ("url" in columns and "year" not in columns)


def _in_default(known: Iterable[Source]) -> list[str]:
    default = {same_document(source.url) for source in default_catalogue()}
    return [f"{each.url}: the default catalogue has it too" for each in known if same_document(each.url) in default]
