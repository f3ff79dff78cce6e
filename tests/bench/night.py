"""python -m tests.bench.night HOME: one run over what is archived in a home; what it took, as JSON on a line.

In a process of its own, so that what it takes is what a night takes: start, imports and peak memory included.
"""

import json
import resource
import sys
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Night:
    """What a run took.

    Args:
        seconds: of the whole process, as its parent sees it; 0 until it has ended.
        steps: seconds of each step.
        peak_bytes: most memory that any one of its processes held.
    """

    seconds: float
    steps: dict[str, float]
    peak_bytes: int


def main(home: Path) -> None:
    """Run the job `changed` without fetching anything."""
    import dagster as dg

    from pipelines.defs.launch import launch
    from warehouse.layout import Home

    run = launch("changed", Home(home), catalogue="none")
    with dg.DagsterInstance.get() as instance:
        steps = {one.step_key: one.end_time - one.start_time for one in instance.get_run_step_stats(run)}
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(json.dumps(asdict(Night(0.0, steps, peak * 1024))))


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
