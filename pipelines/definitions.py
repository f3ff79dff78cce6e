"""Dagster's entry point: the assets, jobs and schedule of `pipelines.defs`."""

import dagster as dg

from pipelines.defs.assets import ASSETS
from pipelines.defs.jobs import CHANGED, EVERYTHING, NIGHTLY
from pipelines.defs.resources import Work

defs = dg.Definitions(
    assets=ASSETS,
    jobs=[CHANGED, EVERYTHING],
    schedules=[NIGHTLY],
    resources={"work": Work()},
    executor=dg.in_process_executor,
)
