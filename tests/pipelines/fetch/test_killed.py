"""A run that is killed with no warning, fifty times at random moments of its fetching; then one that is let finish.

A process that has everything loaded forks one run after the other, so that fifty runs take no longer than the fetching.
"""

import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from misbehaving import Asked, Exchange, Site, running

from pipelines.fetch.archive import Archive
from pipelines.fetch.verify import verify

FORKER = """
import math, os, sys, traceback
from datetime import UTC, datetime
from pathlib import Path
from pipelines.discover.source import Source
from pipelines.fetch.archive import Archive
from pipelines.fetch.download import fetch_all
from pipelines.fetch.limits import HostLimits, Limits
from pipelines.fetch.transport import default_tls

base, root, pages = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
limits = Limits(rate=math.inf, per_host=16, hosts={"127.0.0.1": HostLimits(loopback=True)})
sources = [Source(f"{base}/{number}", "hangzhou-330100", 2025, "330100") for number in range(pages)]
default_tls()


def say(line):
    os.write(1, f"{line}\\n".encode())  # at once and whole: a killed process loses nothing it said


def run():
    said = lambda source, outcome: say(f"{outcome.kind} {source.url} {outcome.capture and outcome.capture.sha256}")
    fetch_all(
        sources,
        Archive(root / "archive"),
        now=lambda: datetime.now(UTC),
        limits=limits,
        state=root / "state",
        progress=said,
    )


child = 0
for _ in sys.stdin:
    if child:
        os.waitpid(child, 0)  # only now, so that until then nobody else can have its number
    child = os.fork()
    if child == 0:
        try:
            run()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    say(f"started {child}")
    how = os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    say(f"ended {-how.si_status if how.si_code == os.CLD_KILLED else how.si_status}")
"""
PAGES = 60
ROUNDS = 50
KILLED = -signal.SIGKILL
CONTENT = re.compile(rb"<p>(\d+) edition (\d+) ")


def content(number: int, edition: int) -> bytes:
    return f"<html><body><p>{number} edition {edition} {'年度报告' * 2000}</p></body></html>".encode()


@dataclass(frozen=True, slots=True)
class Run:
    """How a run ended, and what it had said until then: kind, address and hash of each source it was done with.

    `seconds` passed between the first request for a document and its end.
    """

    code: int
    done: tuple[tuple[str, str, str], ...]
    seconds: float


class Forker:
    """Starts runs and waits for their ends; kills those that are to be."""

    def __init__(self, site: Site, root: Path) -> None:
        arguments = [sys.executable, "-c", FORKER, site.url("127.0.0.1", ""), str(root), str(PAGES)]
        self._site = site
        self._process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def run(self, killed_after: float | None = None) -> Run:
        """A run, killed so many seconds after its first request for a document unless it is over by then."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        number: SimpleQueue[int] = SimpleQueue()
        killer = threading.Timer(killed_after or 0, lambda: os.kill(number.get(), signal.SIGKILL))
        began: list[float] = []

        def watch(asked: Asked) -> None:
            if asked.path != "/robots.txt" and not began:
                began.append(asked.at)
                if killed_after is not None:
                    killer.start()

        self._site.watch = watch
        self._process.stdin.write("run\n")
        done = []
        for line in self._process.stdout:
            match line.split():
                case "started", pid:
                    number.put(int(pid))
                case "ended", code:
                    killer.cancel()
                    if killer.ident is not None:
                        killer.join()
                    return Run(int(code), tuple(done), time.monotonic() - began[0])
                case kind, url, sha256:
                    done.append((kind, url, sha256))
        raise AssertionError("the forker ended")

    def close(self) -> None:
        self._process.communicate()


@contextmanager
def forker(site: Site, root: Path) -> Iterator[Forker]:
    process = Forker(site, root)
    try:
        yield process
    finally:
        process.close()


def test_nothing_is_lost_doubled_or_damaged_by_fifty_kills(tmp_path: Path) -> None:
    """All pages change before each run, so that every run has editions to write from its first moment to its last."""
    edition = 1

    async def page(exchange: Exchange) -> None:
        await exchange.answer(200, content(int(exchange.asked.path[1:]), edition))

    moments = random.Random(4)  # noqa: S311 - no secret
    archive = Archive(tmp_path / "archive")
    killed = 0
    said: defaultdict[str, list[str]] = defaultdict(list)
    with running(Site({f"/{number}": page for number in range(PAGES)})) as site, forker(site, tmp_path) as runs:
        runs.run()
        edition += 1
        whole = runs.run().seconds  # the first run of all is slower
        while killed < ROUNDS:
            edition += 1
            if killed % 10 == 0:
                assert verify(archive).is_sound  # also half-way
            run = runs.run(killed_after=moments.uniform(0, whole))
            killed += run.code == KILLED
            assert run.code in (0, KILLED)
            for kind, url, sha256 in run.done:
                assert kind != "failed"
                said[url].append(sha256)
        edition += 1
        last = runs.run()
        again = runs.run()
        base = site.url("127.0.0.1", "")

    assert (last.code, {kind for kind, _, _ in last.done}, len(last.done)) == (0, {"changed"}, PAGES)
    assert (again.code, {kind for kind, _, _ in again.done}, len(again.done)) == (0, {"unchanged"}, PAGES)
    found = verify(archive)
    assert found.is_sound
    assert found.foreign == found.unreferenced == ()
    assert archive.urls() == tuple(sorted(f"{base}/{number}" for number in range(PAGES)))
    for number in range(PAGES):
        captures = archive.captures(f"{base}/{number}")
        read = [CONTENT.search(archive.content(capture.sha256)) for capture in captures]
        editions = [int(match[2]) for match in read if match is not None and int(match[1]) == number]
        assert len(editions) == len(captures)
        assert editions == sorted(set(editions))  # nothing twice, nothing out of order
        assert editions[-1] == edition
        # What a run said it had, even one that was killed right after, is there.
        assert set(said[f"{base}/{number}"]) <= {capture.sha256 for capture in captures}
