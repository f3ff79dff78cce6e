"""What `deploy/` says works: its files, with the real servers, and a worker that is killed in the middle of a run."""

import configparser
import json
import os
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import dagster as dg
import pytest
from debian_servers import postgres, redis

from schemas.tables import TABLES
from warehouse.layout import Home
from warehouse.reader import open_warehouse

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = {path.stem: path for path in sorted((DEPLOY / "systemd").glob("*.service"))}
BIN = Path(sys.executable).parent
A_WHILE = 240
"""Seconds for what takes some twenty on an idle machine."""


def unit(name: str) -> dict[str, str]:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str
    parser.read(UNITS[name])
    return dict(parser["Service"])


def command(name: str) -> list[str]:
    """What a unit starts, with the programs of this environment."""
    program, *arguments = shlex.split(unit(name)["ExecStart"])
    assert program.startswith("/opt/gongkai/.venv/bin/")
    return [str(BIN / Path(program).name), *arguments]


@dataclass
class Deployment:
    """Servers, and a folder for each of home and Dagster's settings."""

    environment: dict[str, str]
    home: Home
    processes: list[subprocess.Popen]

    def start(self, name: str, *more: str) -> subprocess.Popen:
        """Start what a unit starts."""
        process = subprocess.Popen(
            [*command(name), *more], env=self.environment, cwd=ROOT, start_new_session=True, stdout=subprocess.DEVNULL
        )
        self.processes.append(process)
        return process

    def launch(self) -> str:
        """Put a run over the sample into the queue; its id."""
        settings = {"resources": {"work": {"config": {"catalogue": "sample", "redo": "changed"}}}}
        run = str(uuid4())
        subprocess.run(
            [
                *(BIN / "dagster", "job", "launch", "--workspace", "deploy/workspace.yaml", "--job", "changed"),
                *(
                    "--config-json",
                    json.dumps(settings),
                    "--run-id",
                    run,
                ),
            ],
            env=self.environment,
            cwd=ROOT,
            check=True,
        )
        return run


def kill(process: subprocess.Popen) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def deployment(folder: Path) -> Iterator[Deployment]:
    with postgres("dagster") as postgres_port, redis() as redis_port:
        dagster_home = folder / "dagster"
        dagster_home.mkdir(parents=True)
        (dagster_home / "dagster.yaml").write_bytes((DEPLOY / "dagster.yaml").read_bytes())
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "DAGSTER_HOME": str(dagster_home),
            "GONGKAI_HOME": str(folder / "home"),
            "GONGKAI_POSTGRES": f"postgresql://gongkai@127.0.0.1:{postgres_port}/dagster",
            "GONGKAI_REDIS": f"redis://127.0.0.1:{redis_port}/0",
        }
        deployed = Deployment(environment, Home(folder / "home"), [])
        try:
            yield deployed
        finally:
            for process in deployed.processes:
                kill(process)


def until(condition, said: str):
    """Ask again and again until there is an answer."""
    pause = threading.Event()
    for _ in range(A_WHILE * 4):
        if answer := condition():
            return answer
        pause.wait(0.25)
    raise AssertionError(f"waited in vain for {said}")


def rows(home: Home) -> dict[str, list]:
    """The rows of every table, without the time at which the sample was fetched."""
    with open_warehouse(home.database) as warehouse:
        return {
            table: warehouse.query(f"SELECT * FROM {table}").drop("retrieved_at", strict=False).rows()  # noqa: S608
            for table in TABLES
        }


def test_a_worker_killed_in_the_middle_of_a_run_loses_nothing(sample_home, tmp_path, monkeypatch) -> None:
    with deployment(tmp_path) as deployed:
        for name in ("DAGSTER_HOME", "GONGKAI_POSTGRES", "GONGKAI_REDIS"):
            monkeypatch.setenv(name, deployed.environment[name])
        with dg.DagsterInstance.get() as instance:
            deployed.start("gongkai-daemon")
            first = deployed.start("gongkai-worker", "--hostname", "first@here")
            run = deployed.launch()
            until(
                lambda: instance.all_logs(run, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION), "a materialization"
            )
            assert not deployed.home.database.exists()
            kill(first)
            deployed.start("gongkai-worker", "--hostname", "second@here")
            failed = until(
                lambda: instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE])), "the run's failure"
            )
            assert [one.run_id for one in failed] == [run]
            (retried,) = until(
                lambda: [one for one in instance.get_runs() if one.run_id != run and one.is_finished], "its retry's end"
            )
            assert (retried.root_run_id, retried.status) == (run, dg.DagsterRunStatus.SUCCESS)
            assert any("first@here no longer has this run" in entry.message for entry in instance.all_logs(run))
    assert rows(deployed.home) == rows(sample_home)


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_starts_a_program_that_there_is(name: str) -> None:
    program = command(name)
    assert Path(program[0]).exists()
    assert unit(name)["EnvironmentFile"] == "/etc/gongkai/gongkai.env"
    assert unit(name)["Restart"] == "always"
    if "--workspace" in program:
        assert (ROOT / program[program.index("--workspace") + 1]).is_file()


def test_the_environment_has_what_the_settings_ask_for() -> None:
    said = (DEPLOY / "gongkai.env").read_text(encoding="utf-8")
    settings = (DEPLOY / "dagster.yaml").read_text(encoding="utf-8")
    asked = {line.split()[-1] for line in settings.splitlines() if line.strip().startswith("env:")}
    assert asked == {"GONGKAI_POSTGRES", "GONGKAI_REDIS"}
    assert all(f"\n{name}=" in said for name in asked)
