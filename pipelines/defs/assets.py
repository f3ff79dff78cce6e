"""The flow as assets: one per step, each depending on the one before; the partitioned ones by city and year.

Materializing partitions in the UI works on just those. The jobs (`pipelines.defs.jobs`) report to the same assets.
"""

from collections.abc import Iterator
from itertools import pairwise

import dagster as dg

from pipelines.defs.partitions import CITY_YEAR, dagster_key
from pipelines.defs.resources import Work
from pipelines.defs.shown import CHECKS, Check, summary
from pipelines.defs.steps import FLOW, Done, PartitionedStep, WholeStep
from warehouse.layout import Partition

GROUP = "gongkai"


def check_evaluation(step: str, done: Done, check: Check) -> dg.AssetCheckEvaluation:
    """A check's result on one partition, as an event."""
    return dg.AssetCheckEvaluation(
        asset_key=dg.AssetKey(step),
        check_name=check.name,
        passed=check.passed,
        severity=check.severity,
        metadata={"findings": dg.MetadataValue.md(check.findings)},
        partition=dagster_key(done.partition),
    )


def _partitioned_asset(step: PartitionedStep, after: str) -> dg.AssetsDefinition:
    @dg.asset(
        name=step.name,
        partitions_def=CITY_YEAR,
        backfill_policy=dg.BackfillPolicy.single_run(),
        deps=[after],
        group_name=GROUP,
        kinds=set(step.kinds),
        code_version=step.version,
        description=step.description,
        check_specs=[dg.AssetCheckSpec(name, asset=step.name, description=CHECKS[name]) for name in step.checks],
    )
    def asset(context: dg.AssetExecutionContext, work: Work) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:  # type: ignore[type-arg]
        asked = frozenset(Partition.from_key(key) for key in context.partition_keys)
        failed: list[str] = []
        checks: list[Check] = []
        for done in step.run(work, step.todo(work, asked), context.log):
            if done.error:
                failed.append(f"{done.partition.key}: {done.error}")
                continue
            context.log.info(f"{done.partition.key}: {summary(done.metadata)}")
            context.add_asset_metadata(done.metadata, partition_key=dagster_key(done.partition))
            checks.extend(done.checks)
            for check in done.checks:
                context.log_event(check_evaluation(step.name, done, check))
        if failed:
            raise dg.Failure("; ".join(failed))
        yield dg.MaterializeResult(
            check_results=[_over_the_run(name, [one for one in checks if one.name == name]) for name in step.checks]
        )

    return asset


def _over_the_run(name: str, checks: list[Check]) -> dg.AssetCheckResult:
    """A check's result over all partitions of a run."""
    failed = [check for check in checks if not check.passed]
    return dg.AssetCheckResult(
        check_name=name,
        passed=not failed,
        severity=failed[0].severity if failed else dg.AssetCheckSeverity.ERROR,
        metadata={"partitions": len(checks), "partitions_failed": len(failed)},
    )


def _whole_asset(step: WholeStep, after: str | None) -> dg.AssetsDefinition:
    @dg.asset(
        name=step.name,
        deps=[after] if after else [],
        group_name=GROUP,
        kinds=set(step.kinds),
        description=step.description,
    )
    def asset(context: dg.AssetExecutionContext, work: Work) -> dg.MaterializeResult[None]:
        metadata = step.run(work, context.log)
        context.log.info(summary(metadata))
        return dg.MaterializeResult(metadata=metadata)

    return asset


def _asset(step: PartitionedStep | WholeStep, after: str | None) -> dg.AssetsDefinition:
    if isinstance(step, WholeStep):
        return _whole_asset(step, after)
    return _partitioned_asset(step, after or "discover")


ASSETS = [_asset(FLOW[0], None), *(_asset(step, before.name) for before, step in pairwise(FLOW))]
"""One asset per step."""
