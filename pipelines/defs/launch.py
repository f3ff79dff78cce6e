"""Launching the jobs from the command line, in this process, recorded in the same history that the UI shows."""

import os
import warnings
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import dagster as dg

from warehouse.layout import Home


class RunFailed(Exception):  # noqa: N818 - the name states the situation
    """A run that did not succeed; the message names the step and its error."""


def dagster_home(home: Home) -> Path:
    """The folder of Dagster's history: `DAGSTER_HOME`, or `dagster/` in the gongkai home; made if need be."""
    folder = Path(os.environ.get("DAGSTER_HOME") or home.root / "dagster").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "dagster.yaml"
    if not settings.exists():
        settings.write_bytes((files("pipelines.defs") / "dagster.yaml").read_bytes())
    os.environ["DAGSTER_HOME"] = str(folder)
    return folder


def launch(job: str, home: Home, *, catalogue: str, partitions: Sequence[str] = ()) -> str:
    """Run a job over the whole flow and return its run id.

    Args:
        job: `changed` or `everything`.
        home: where archive, store and warehouse lie.
        catalogue: as in `pipelines.defs.resources.Work`.
        partitions: keys `city|year`; empty for all.

    Raises:
        RunFailed: a step failed; what earlier steps did stays, and a rerun goes on from there.
    """
    warnings.filterwarnings("ignore", category=dg.BetaWarning)
    from pipelines.definitions import defs

    dagster_home(home)
    work = {"home": str(home.root), "catalogue": catalogue, "partitions": list(partitions)}
    with dg.DagsterInstance.get() as instance:
        result = defs.resolve_job_def(job).execute_in_process(
            instance=instance,
            run_config={
                "resources": {"work": {"config": work | {"redo": _REDO[job]}}},
                "loggers": {"console": {}},
            },
            raise_on_error=False,
        )
    if not result.success:
        raise RunFailed(_first_failure(result))
    return result.run_id


_REDO = {"changed": "changed", "everything": "all"}


def _first_failure(result: dg.ExecuteInProcessResult) -> str:
    for event in result.all_events:
        if event.is_step_failure:
            error = event.step_failure_data.error
            cause = error.cause if error and error.cause else error
            message = cause.message.strip() if cause else "unknown error"
            return f"step {event.step_key} failed: {message}"
    return "the run failed before its first step; see the history in `make dev`"
