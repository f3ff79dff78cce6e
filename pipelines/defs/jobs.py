"""Jobs over the whole flow, and the nightly schedule.

A job works through a list of partitions, however scattered, in one run: Dagster's own backfills would need a run
each. Its ops are the flow's steps, and each reports every partition to the asset of its name.
"""

import logging
from typing import Any

import click
import dagster as dg

from pipelines.defs.assets import check_evaluation
from pipelines.defs.partitions import dagster_key
from pipelines.defs.resources import Work
from pipelines.defs.shown import summary
from pipelines.defs.steps import FLOW, Done, PartitionedStep, WholeStep


def _op(step: PartitionedStep | WholeStep) -> dg.OpDefinition:
    @dg.op(
        name=f"{step.name}_selected",
        ins={"before": dg.In(dg.Nothing)},
        out=dg.Out(dg.Nothing),
        tags={f"dagster/kind/{kind}": "" for kind in step.kinds},
        description=step.description,
    )
    def op(context: dg.OpExecutionContext, work: Work) -> None:
        if isinstance(step, WholeStep):
            metadata = step.run(work, context.log)
            context.log.info(summary(metadata))
            context.log_event(dg.AssetMaterialization(step.name, metadata=metadata))
            return
        todo = step.todo(work, None)
        if not todo:
            context.log.info("nothing to do: every partition is current")
        for number, done in enumerate(step.run(work, todo, context.log), start=1):
            _report(context, step, done, f"{number}/{len(todo)} {done.partition.key}")

    return op


def _report(context: dg.OpExecutionContext, step: PartitionedStep, done: Done, name: str) -> None:
    if done.error:
        context.log.error(f"{name} failed, its last good state stays: {done.error}")
        return
    key = dagster_key(done.partition)
    context.log_event(dg.AssetMaterialization(step.name, partition=key, metadata=done.metadata))
    for check in done.checks:
        # Typed for materializations and observations only, but it takes any user event.
        context.log_event(check_evaluation(step.name, done, check))  # type: ignore[arg-type]
    # For who watches; the history has it in the materialization, and a line there takes as long as that.
    click.echo(f"{step.name:<10} {name}: {summary(done.metadata)}", err=True)
    for warning in done.warnings:
        context.log.warning(warning)


@dg.graph(description="discover -> fetch -> read -> recognise -> validate -> store -> assemble -> publish")
def flow() -> None:
    """The steps one after the other."""
    before = None
    for step in FLOW:
        op = _op(step).alias(step.name)
        before = op() if before is None else op(before)


class _PlainFormatter(logging.Formatter):
    """`read  3/12 zhoukou-411600|2021: 1 documents, ...`."""

    def format(self, record: logging.LogRecord) -> str:
        meta: dict[str, Any] = getattr(record, "dagster_meta", {})
        level = "" if record.levelno < logging.WARNING else f"{record.levelname.lower()}: "
        return f"{meta.get('step_key') or '':<10} {level}{meta.get('orig_message') or record.getMessage()}"


def _is_said_by_a_step(record: logging.LogRecord) -> bool:
    """Whether a log record was written by a step, rather than being one of Dagster's own events."""
    meta: dict[str, Any] = getattr(record, "dagster_meta", {})
    return meta.get("dagster_event") is None


@dg.logger({}, description="One line for each thing a step says; Dagster's own events stay in its history.")
def plain_logger(_: dg.InitLoggerContext) -> logging.Logger:
    """A console logger for people."""
    logger = logging.Logger("gongkai", level=logging.INFO)  # noqa: LOG001 - as Dagster's own loggers are made
    handler = logging.StreamHandler()
    handler.addFilter(_is_said_by_a_step)
    handler.setFormatter(_PlainFormatter())
    logger.addHandler(handler)
    return logger


def _job(name: str, redo: str, description: str) -> dg.JobDefinition:
    return flow.to_job(
        name=name,
        description=description,
        config={"resources": {"work": {"config": {"redo": redo}}}},
        executor_def=dg.in_process_executor,
        # A run whose machine died is retried from its beginning, perhaps on another machine, which has not what the
        # first had in work/. What is archived and stored is not done again.
        tags={"dagster/retry_strategy": "ALL_STEPS"},
        logger_defs={"console": plain_logger},
    )


CHANGED = _job("changed", "changed", "Fetch every source; redo the partitions whose bytes, code or schema changed.")
EVERYTHING = _job("everything", "all", "Fetch every source and redo every partition.")

NIGHTLY = dg.ScheduleDefinition(
    name="nightly",
    job=CHANGED,
    cron_schedule="30 2 * * *",
    execution_timezone="Asia/Shanghai",
    description="Every night at 02:30 in China: fetch, and redo what changed.",
)
