"""Runs on many machines: Dagster's Celery launcher, which also notices a machine that is gone, and its worker.

`celery --app pipelines.defs.celery_runs worker` starts a worker; `deploy/dagster.yaml` names the launcher.

Belongs here: what Celery and its launcher are set to. Does not: what a run does (`jobs`).
"""

import os
from multiprocessing import process

import dagster as dg
from celery import Celery
from celery.result import AsyncResult
from celery.signals import worker_process_init
from dagster._core.execution.retries import auto_reexecution_should_retry_run
from dagster._core.launcher import CheckRunHealthResult, WorkerStatus
from dagster._core.storage.tags import WILL_RETRY_TAG
from dagster_celery.launcher import CeleryRunLauncher
from dagster_celery.make_app import make_app
from dagster_celery.tags import DAGSTER_CELERY_TASK_ID_TAG
from dagster_celery.tasks import create_execute_job_task, create_resume_job_task

BROKER_VARIABLE = "GONGKAI_REDIS"
"""Address of the Redis that carries runs to workers: `redis://host:port/0`."""

SETTINGS = {
    "broker_connection_retry_on_startup": True,
    # A worker takes what it can begin; the rest is for the others.
    "worker_prefetch_multiplier": 1,
    # The results of a run are in Dagster's storage.
    "result_expires": 7 * 24 * 3600,
}
_ANSWER_SECONDS = 10.0
"""How long a worker may take to say what it is working on; its main process, which answers, does nothing else."""


class WatchfulCeleryRunLauncher(CeleryRunLauncher):
    """Celery's launcher, except that a run that nobody carries out any more has failed.

    Celery notices that one of a worker's processes died, and its launcher tells. Where worker or machine die, nobody is
    left to notice, and Celery's record of the run says `STARTED` for ever. Where Dagster's storage was away while a run
    ended, that says `SUCCESS`, and the run is never known to have ended.
    """

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """What has become of a run's worker; asked by Dagster's run monitoring."""
        health = self._health(run)
        if health.status not in {WorkerStatus.RUNNING, WorkerStatus.SUCCESS}:
            # Said before the run is failed, which the monitor does next. Dagster retries what it finds failed when it
            # hears of the failure, and hears of it a moment before that is written down: a run was seen that was
            # therefore never retried.
            failed = run.with_status(dg.DagsterRunStatus.FAILURE)
            retried = auto_reexecution_should_retry_run(self._instance, failed, None)
            self._instance.add_run_tags(run.run_id, {WILL_RETRY_TAG: str(retried).lower()})
        return health

    def _health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        health = self._recorded_health(run)
        if health.status != WorkerStatus.RUNNING:
            return health
        task = run.tags[DAGSTER_CELERY_TASK_ID_TAG]
        result: AsyncResult[object] = self.celery.AsyncResult(task)
        worker = (result.info or {}).get("hostname")
        answer = self.celery.control.inspect([worker], timeout=_ANSWER_SECONDS).active() or {}
        if task in {one["id"] for tasks in answer.values() for one in tasks}:
            return health
        # It may have ended while the worker was asked.
        health = self._recorded_health(run)
        if health.status != WorkerStatus.RUNNING:
            return health
        return CheckRunHealthResult(WorkerStatus.FAILED, f"The Celery worker {worker} no longer has this run.")

    def _recorded_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """What Celery's record says; a run that it says to have ended, and that has not, has failed."""
        health = super().check_run_worker_health(run)
        now = self._instance.get_run_by_id(run.run_id)
        if health.status == WorkerStatus.SUCCESS and now and not now.is_finished:
            return CheckRunHealthResult(WorkerStatus.FAILED, "The Celery task ended, and the run was never ended.")
        return health


_BEFORE_BILLIARD = process.current_process()


def _multiprocessing_as_it_was(**_: object) -> None:
    """Let a run start processes, which read documents: Celery's billiard has replaced what multiprocessing knows of us.

    There is no public way to it. Whether it works, the test that kills a worker finds out: no run gets past reading.
    """
    process._current_process = _BEFORE_BILLIARD  # type: ignore[attr-defined]


worker_process_init.connect(_multiprocessing_as_it_was)


def _app() -> Celery:
    address = os.environ.get(BROKER_VARIABLE)
    made = make_app({"broker": address, "backend": address, "config_source": SETTINGS})
    create_execute_job_task(made)
    create_resume_job_task(made)
    return made


app = _app()
"""What Celery's command looks for."""
