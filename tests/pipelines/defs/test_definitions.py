import itertools
from pathlib import Path

import dagster as dg
import pytest

from pipelines.definitions import defs
from pipelines.defs.partitions import CITY_YEAR, FIRST_YEAR, LAST_YEAR, dagster_key
from pipelines.defs.shown import CHECKS, checked
from pipelines.defs.steps import FLOW
from pipelines.validate.frames import frame
from pipelines.validate.partition import Validated
from schemas.derive import empty
from schemas.regions import cities
from schemas.tables import PARTITIONED
from warehouse.layout import Partition

ROOT = Path(__file__).parents[3]
SENTENCE = ["discover", "fetch", "read", "recognise", "validate", "store", "assemble", "publish"]
PARTITIONED_STEPS = SENTENCE[1:6]


@pytest.fixture(scope="module")
def graph():
    return defs.resolve_asset_graph()


def key(name):
    return dg.AssetKey(name)


def test_the_graph_reads_like_the_sentence(graph):
    assert [step.name for step in FLOW] == SENTENCE
    assert {asset.to_user_string() for asset in graph.get_all_asset_keys()} == set(SENTENCE)
    before = {name: sorted(one.to_user_string() for one in graph.get(key(name)).parent_keys) for name in SENTENCE}
    assert before == {"discover": []} | {name: [former] for former, name in itertools.pairwise(SENTENCE)}


def test_what_works_on_partitions_is_partitioned_by_city_and_year(graph):
    partitioned = {name: graph.get(key(name)).partitions_def for name in SENTENCE}
    assert {name for name, definition in partitioned.items() if definition is not None} == set(PARTITIONED_STEPS)
    assert all(partitioned[name] == CITY_YEAR for name in PARTITIONED_STEPS)
    assert [dimension.name for dimension in CITY_YEAR.partitions_defs] == ["city", "year"]


def test_many_partitions_go_in_one_run(graph):
    assert {graph.get(key(name)).backfill_policy for name in PARTITIONED_STEPS} == {dg.BackfillPolicy.single_run()}


def test_every_city_and_year_is_a_partition_and_its_key_is_ours():
    found = CITY_YEAR.get_partition_keys()
    assert len(found) == len(cities()) * (LAST_YEAR - FIRST_YEAR + 1)
    partition = Partition("zhoukou-411600", 2021)
    assert partition.key in set(found)
    assert dagster_key(partition) == partition.key


def test_every_step_says_what_it_yields_and_with_what(graph):
    for name in SENTENCE:
        node = graph.get(key(name))
        assert node.description
        assert node.kinds
        assert node.group_name == "gongkai"


def test_the_steps_whose_code_decides_what_they_yield_have_a_version(graph):
    versions = {name: graph.get(key(name)).code_version for name in SENTENCE}
    assert {name for name, version in versions.items() if version} == {"read", "recognise", "validate"}
    assert len({version for version in versions.values() if version}) == 3


def test_validate_has_the_checks(graph):
    assert {(check.asset_key.to_user_string(), check.name) for check in graph.asset_check_keys} == {
        ("validate", name) for name in CHECKS
    }


@pytest.mark.parametrize("name", ["changed", "everything"])
def test_the_jobs_run_all_steps_in_order(name):
    job = defs.resolve_job_def(name)
    structure = job.graph.dependency_structure
    ahead = {
        node.name: [
            one.node_name for ones in structure.input_to_upstream_outputs_for_node(node.name).values() for one in ones
        ]
        for node in job.nodes
    }
    assert ahead == {"discover": []} | {step: [former] for former, step in itertools.pairwise(SENTENCE)}


def test_the_nightly_schedule_is_in_chinese_time_and_redoes_what_changed():
    schedule = defs.resolve_schedule_def("nightly")
    assert schedule.cron_schedule == "30 2 * * *"
    assert schedule.execution_timezone == "Asia/Shanghai"
    assert schedule.job_name == "changed"


def test_the_entry_point_is_short_and_the_one_that_the_workspace_names():
    entry = ROOT / "pipelines" / "definitions.py"
    assert len(entry.read_text(encoding="utf-8").splitlines()) < 30
    assert "module_name: pipelines.definitions" in (ROOT / "workspace.yaml").read_text(encoding="utf-8")
    assert "location_name: pipelines" in (ROOT / "workspace.yaml").read_text(encoding="utf-8")


def test_the_definitions_hold_together():
    dg.Definitions.validate_loadable(defs)


@pytest.mark.parametrize("settled", [True, False])
def test_an_error_that_a_correction_settles_fails_no_check(settled):
    row = {
        "report_id": "411600-2021-00000000",
        "city": "zhoukou-411600",
        "year": 2021,
        "rule": "reviews.total",
        "severity": "error",
        "subject": "litigation_direct",
        "expected": "11",
        "actual": "0",
        "message": "10 + 1 is 11, but it is printed as 0",
        "cell_ids": [],
        "settled": settled,
    }
    frames = {table: empty(table) for table in PARTITIONED} | {"findings": frame("findings", [row])}
    passed = {check.name: check.passed for check in checked(Validated(Partition("zhoukou-411600", 2021), frames))}
    assert passed == {"structure": True, "arithmetic": settled, "plausibility": True, "corrections": True}
