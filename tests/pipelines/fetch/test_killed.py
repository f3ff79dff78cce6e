"""A run that is killed with no warning, at any moment, again and again; then one that is let finish."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

from misbehaving import Asked, Exchange, Site, running

from pipelines.fetch.archive import Archive
from pipelines.fetch.verify import verify

PROGRAM = """
import math, sys
from datetime import UTC, datetime
from pathlib import Path
from pipelines.discover.source import Source
from pipelines.fetch.archive import Archive
from pipelines.fetch.download import fetch_all
from pipelines.fetch.limits import HostLimits, Limits

base, root, pages = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
limits = Limits(rate=math.inf, per_host=16, hosts={"127.0.0.1": HostLimits(loopback=True)})
sources = [Source(f"{base}/{number}", "hangzhou-330100", 2025, "330100") for number in range(pages)]
outcomes = fetch_all(
    sources, Archive(root / "archive"), now=lambda: datetime.now(UTC), limits=limits, state=root / "state"
)
print({outcome.kind for outcome in outcomes})
"""
PAGES = 60
ROUNDS = 8


def content(number: int, edition: int) -> bytes:
    return f"<html><body><p>{number} edition {edition} {'年度报告' * 2000}</p></body></html>".encode()


def test_nothing_is_lost_doubled_or_damaged(tmp_path: Path) -> None:
    """All pages change when half of the runs are over, so that runs write editions beside editions."""
    edition = 1

    async def page(exchange: Exchange) -> None:
        await exchange.answer(200, content(int(exchange.asked.path[1:]), edition))

    moments = random.Random(4)  # noqa: S311 - no secret
    site = Site({f"/{number}": page for number in range(PAGES)})
    with running(site):
        for number in range(ROUNDS):
            edition = 1 if number < ROUNDS // 2 else 2
            process = start(site, tmp_path)
            site.watch = Killer(process.pid, moments.randrange(1, PAGES))
            process.wait()
            assert process.returncode == -signal.SIGKILL
            assert verify(Archive(tmp_path / "archive")).is_sound  # also half-way
        site.watch = str
        assert "failed" not in finish(site, tmp_path)
        assert finish(site, tmp_path) == "{'unchanged'}\n"
        base = site.url("127.0.0.1", "")

    archive = Archive(tmp_path / "archive")
    found = verify(archive)
    assert found.is_sound
    assert found.foreign == found.unreferenced == ()
    assert archive.urls() == tuple(sorted(f"{base}/{number}" for number in range(PAGES)))
    for number in range(PAGES):
        kept = [archive.content(capture.sha256) for capture in archive.captures(f"{base}/{number}")]
        assert kept in ([content(number, 2)], [content(number, 1), content(number, 2)])


class Killer:
    """Kills a process at its n-th request."""

    def __init__(self, pid: int, nth: int) -> None:
        self.pid = pid
        self.left = nth

    def __call__(self, _: Asked) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(self.pid, signal.SIGKILL)


def finish(site: Site, root: Path) -> str:
    process = start(site, root)
    printed, _ = process.communicate()
    assert process.returncode == 0
    return printed


def start(site: Site, root: Path) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", PROGRAM, site.url("127.0.0.1", ""), str(root), str(PAGES)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
