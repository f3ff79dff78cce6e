"""Batches in processes: in order, with their errors, and after a process has died."""

import os
from concurrent.futures.process import BrokenProcessPool
from functools import partial

import pytest

from pipelines.processes import in_processes


def doubled(batch):
    return [2 * item for item in batch]


def failing(at, batch):
    if at in batch:
        raise ValueError(f"not {at}")
    return doubled(batch)


def dying(at, batch):
    if at in batch:
        os._exit(3)
    return doubled(batch)


BATCHES = [[number, number + 1] for number in range(0, 40, 2)]


def test_results_come_in_the_order_of_the_batches():
    found = [(batch, future.result()) for batch, future in in_processes(doubled, BATCHES)]
    assert found == [(batch, doubled(batch)) for batch in BATCHES]


def test_an_error_is_its_batchs_alone():
    failed = [batch for batch, future in in_processes(partial(failing, 7), BATCHES) if future.exception() is not None]
    assert failed == [[6, 7]]


def test_after_a_process_has_died_the_others_are_done_by_new_ones():
    outcomes = {tuple(batch): future.exception() for batch, future in in_processes(partial(dying, 3), BATCHES)}
    assert list(outcomes) == [tuple(batch) for batch in BATCHES]
    assert isinstance(outcomes[2, 3], BrokenProcessPool)
    assert all(error is None or isinstance(error, BrokenProcessPool) for error in outcomes.values())
    assert outcomes[38, 39] is None
    assert [future.result() for _, future in in_processes(doubled, BATCHES)] == list(map(doubled, BATCHES))


def test_who_stops_early_waits_for_nothing():
    for batch, future in in_processes(doubled, BATCHES):
        assert (batch, future.result()) == ([0, 1], [0, 2])
        break
    assert len(list(in_processes(doubled, BATCHES))) == len(BATCHES)


@pytest.mark.parametrize("batches", [[], [[1]]])
def test_few_batches(batches):
    assert [future.result() for _, future in in_processes(doubled, batches)] == list(map(doubled, batches))
