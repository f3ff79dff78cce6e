"""Servers as Debian packages them, each on loopback in a folder of its own, run by somebody who is not root."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

_VERSIONS = Path("/usr/lib/postgresql")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def _postgres() -> Path:
    found = sorted(_VERSIONS.glob("*/bin"), key=lambda path: int(path.parent.name)) if _VERSIONS.is_dir() else []
    if not found:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    return found[-1]


def _as_nobody(folder: Path) -> dict[str, str]:
    """Whom to run a server as: PostgreSQL refuses to be root."""
    if os.getuid():
        return {}
    shutil.chown(folder, "postgres", "postgres")
    return {"user": "postgres", "group": "postgres"}


@contextmanager
def postgres(*databases: str) -> Iterator[int]:
    """A PostgreSQL with these databases, which the user gongkai owns; yields its port on 127.0.0.1."""
    programs, port = _postgres(), free_port()
    # Not pytest's folders: these are their owner's alone, and too long for the name of a socket.
    with TemporaryDirectory(prefix="postgres") as name:
        folder = Path(name)
        who = _as_nobody(folder)

        def run(program: str, *arguments: object) -> None:
            subprocess.run(
                [programs / program, *map(str, arguments)], cwd=folder, check=True, stdout=subprocess.DEVNULL, **who
            )

        run("initdb", "--pgdata", folder / "data", "--username", "gongkai", "--auth", "trust", "--no-sync")
        options = f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} -c fsync=off"
        control = ("pg_ctl", "--pgdata", folder / "data", "--wait")
        run(*control, "--options", options, "--log", folder / "log", "start")
        try:
            for database in databases:
                run("createdb", "--host", "127.0.0.1", "--port", port, "--username", "gongkai", database)
            yield port
        finally:
            run(*control, "--mode", "immediate", "stop")


@contextmanager
def redis() -> Iterator[int]:
    """A Redis that keeps nothing on disk; yields its port on 127.0.0.1."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("Redis is not installed: apt-get install redis-server")
    port = free_port()
    with (
        TemporaryDirectory(prefix="redis") as folder,
        subprocess.Popen(
            [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder],
            stdout=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        try:
            assert any("Ready to accept connections" in line for line in process.stdout)
            yield port
        finally:
            process.kill()
