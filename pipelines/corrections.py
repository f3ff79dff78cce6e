"""Which corrections count in a home: those of the package (`schemas.corrections`) and the home's own.

Belongs here: finding them, what they say of a document, comparing them with what was loaded. Does not: applying
them to figures (`pipelines.validate.corrections`).
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import polars as pl

from pipelines.fetch.archive import Archive
from schemas.corrections import Correction, InvalidCorrections, Text, packaged, parse
from warehouse.layout import Home, Partition
from warehouse.store import manifests, read_partition, schema_fingerprint


@dataclass(frozen=True, slots=True)
class Standing:
    """A declared correction and what became of it.

    `state` is a code of `schemas.codes.CORRECTION_STATE`; `absent` where its document is not in this home's
    archive, `waiting` where that was not loaded since the entry was declared or changed.
    """

    entry: Correction
    state: str
    problem: str | None


def own_file(home: Home) -> Path:
    """The correction file of a home's own, which need not exist."""
    return home.root / "corrections.toml"


def corrections_of(home: Home) -> tuple[Correction, ...]:
    """The package's corrections and the home's own, by id.

    Raises:
        InvalidCorrections: a file is not as it should be.
    """
    return _parsed(_texts(home))


def corrections_for(home: Home, documents: Iterable[str]) -> tuple[Correction, ...]:
    """The corrections of some documents, given by SHA-256, by id.

    Raises:
        InvalidCorrections: a file is not as it should be.
    """
    by_document = _by_document(_texts(home))
    return tuple(
        sorted((entry for sha256 in set(documents) for entry in by_document.get(sha256, ())), key=lambda one: one.id)
    )


def fingerprint(entries: Iterable[Correction]) -> str:
    """A hash of what entries say, empty for none: a partition is redone when that of its documents changes."""
    said = "\n".join(map(repr, entries))
    return hashlib.sha256(said.encode()).hexdigest()[:12] if said else ""


def read(paths: Iterable[Path]) -> tuple[Correction, ...]:
    """The corrections in files.

    Raises:
        InvalidCorrections: a file is not as it should be.
    """
    return parse(_text(path) for path in paths)


def standings(home: Home, entries: Iterable[Correction]) -> tuple[Standing, ...]:
    """What became of each entry in the store of a home."""
    loaded = _loaded(home)
    archive = Archive(home.archive)
    return tuple(_standing(entry, loaded, archive) for entry in entries)


def unmatched(home: Home, chosen: Iterable[str] = ()) -> tuple[str, ...]:
    """What is wrong with the unmatched corrections in the store: of partitions given by key, or of all."""
    keys = set(chosen)
    listed = [(partition, row) for partition, rows in _listed(home) for row in rows.iter_rows(named=True)]
    # A document that is also filed where it does not belong is not loaded there.
    right = {row["correction"] for _, row in listed if row["state"] != "unmatched"}
    return tuple(
        f"{partition.key}: {row['correction']}: {row['problem']}"
        for partition, row in listed
        if row["correction"] not in right and (not keys or partition.key in keys)
    )


def _listed(home: Home) -> Iterator[tuple[Partition, pl.DataFrame]]:
    """The table `corrections` of every stored partition that has rows in it."""
    for known in manifests(home.store):
        # What was stored with other columns waits to be redone.
        if known.rows("corrections") and known.schema == schema_fingerprint():
            yield known.partition, read_partition(home.store, known.partition, "corrections")


def _text(path: Path) -> Text:
    try:
        return Text(str(path), path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise InvalidCorrections([f"{path}: not UTF-8; save it as UTF-8"]) from None


def _texts(home: Home) -> tuple[Text, ...]:
    own = own_file(home)
    if not own.exists():
        return packaged()
    return (*packaged(), _text(own))


@lru_cache(maxsize=4)
def _parsed(texts: tuple[Text, ...]) -> tuple[Correction, ...]:
    return parse(texts)


@lru_cache(maxsize=4)
def _by_document(texts: tuple[Text, ...]) -> Mapping[str, tuple[Correction, ...]]:
    found: dict[str, list[Correction]] = {}
    for entry in _parsed(texts):
        found.setdefault(entry.sha256, []).append(entry)
    return {sha256: tuple(entries) for sha256, entries in found.items()}


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the table `corrections`, as far as it tells how an entry stands."""

    said: tuple[object, ...]
    state: str
    problem: str | None


def _loaded(home: Home) -> dict[str, _Row]:
    rows: dict[str, _Row] = {}
    for _, listed in _listed(home):
        for row in listed.iter_rows(named=True):
            said = (row["sha256"], row["expected"], row["corrected"], row["status"])
            known = rows.get(row["correction"])
            if known is None or known.state == "unmatched":
                rows[row["correction"]] = _Row(said, row["state"], row["problem"])
    return rows


def _standing(entry: Correction, loaded: Mapping[str, _Row], archive: Archive) -> Standing:
    row = loaded.get(entry.id)
    if row is not None and row.said == (entry.sha256, entry.printed, entry.corrected, entry.status):
        return Standing(entry, row.state, row.problem)
    state = "waiting" if archive.holds(entry.sha256) else "absent"
    return Standing(entry, state, None)
