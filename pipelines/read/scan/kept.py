"""What the recognition engine answered, kept by the hash of the picture it was asked about.

Belongs here: asking only what was not answered before. Does not: what is asked (`engine`). Recognition takes a
second or more a page, and all else that reads a page takes little: so answers outlive the code that asked for them,
and are forgotten only with the version of the engine. A page's answers are one file, named by the page's pixels: the
same page in another file, in a new edition or in a package is known again.
"""

import gzip
import hashlib
import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.read.scan.picture import Picture
from warehouse.files import write_durably

Answer = Any
"""What JSON can hold, and gives back as it was."""


@dataclass(frozen=True, slots=True)
class _Page:
    """Answers about one page: those kept before, and those this reading asked for."""

    before: dict[str, Answer]
    asked: dict[str, Answer] = field(default_factory=dict)


_page: ContextVar[_Page | None] = ContextVar("page", default=None)


@contextmanager
def kept_answers(folder: Path | None, engine: str, picture: Picture) -> Iterator[None]:
    """Within the block, what was answered about a page before is not asked again, and new answers are kept.

    Args:
        folder: where answers are kept; None keeps none.
        engine: version of the engine, whose answers alone count.
        picture: the page.
    """
    if folder is None:
        yield
        return
    name = _hash("page", picture)
    path = folder / engine / name[:2] / f"{name}.json.gz"
    page = _Page(_read(path))
    token = _page.set(page)
    try:
        yield
    finally:
        _page.reset(token)
    # What no code asks for any more goes: the file holds what the latest reading took.
    if page.asked != page.before:
        path.parent.mkdir(parents=True, exist_ok=True)
        content = json.dumps(page.asked, ensure_ascii=False, sort_keys=True).encode()
        write_durably(path, gzip.compress(content, compresslevel=6, mtime=0))


def answered(
    question: str, pictures: Sequence[Picture], ask: Callable[[Sequence[Picture]], Sequence[Answer]]
) -> list[Answer]:
    """The engine's answers to a question about pictures, in their order.

    Args:
        question: its name.
        pictures: what it is asked about.
        ask: asks the engine about some of them.
    """
    page = _page.get()
    if page is None:
        return list(ask(pictures))
    names = [_hash(question, picture) for picture in pictures]
    known = {name: page.before[name] for name in names if name in page.before}
    unknown = {
        name: picture
        for name, picture in zip(names, pictures, strict=True)
        if name not in known and name not in page.asked
    }
    if unknown:
        known |= dict(zip(unknown, ask(list(unknown.values())), strict=True))
    page.asked.update(known)
    return [page.asked[name] for name in names]


def _read(path: Path) -> dict[str, Answer]:
    try:
        return dict(json.loads(gzip.decompress(path.read_bytes())))
    except (FileNotFoundError, EOFError, gzip.BadGzipFile, zlib.error, ValueError):
        return {}  # never kept, or cut off by a power failure: it is asked again


def _hash(question: str, picture: Picture) -> str:
    digest = hashlib.sha256(f"{question}\0{picture.shape}\0".encode())
    digest.update(picture.tobytes())
    return digest.hexdigest()
