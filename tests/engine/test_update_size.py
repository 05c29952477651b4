import pytest

from mmovar.engine.loops.update_size import micro_batches, tasks_of_process


@pytest.mark.parametrize('batch_size', [3, 8, 64])
@pytest.mark.parametrize('processes', [1, 2, 4, 16, 64, 192])
def test_micro_batches_make_up_the_total(batch_size, processes):
    size, counts = micro_batches(192, batch_size, processes)
    assert size * processes * counts == 192
    assert size <= batch_size


def test_micro_batches_are_as_large_as_they_may_be():
    assert micro_batches(64, 8, 1) == (8, 8)
    assert micro_batches(64, 8, 8) == (8, 1)
    assert micro_batches(64, 8, 16) == (4, 1)
    assert micro_batches(192, 64, 2) == (48, 2)


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        ((8, 8, 3), r'3 processes .*total_batch_size=8 .*\[1, 2, 4, 8\]'),
        ((4, 8, 8), r'8 processes .* take one of \[1, 2, 4\]'),
        ((0, 8, 1), 'total_batch_size must be >= 1, got 0'),
        ((8, 0, 1), 'batch_size must be >= 1, got 0'),
    ],
)
def test_totals_that_do_not_fit_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        micro_batches(*arguments)


@pytest.mark.parametrize(
    ('processes', 'tasks'), [(1, 4), (2, 2), (4, 1), (5, 1), (8, 1)]
)
def test_tasks_are_shared_evenly(processes, tasks):
    assert tasks_of_process(4, processes) == tasks


def test_odd_numbers_of_processes_name_those_that_fit():
    with pytest.raises(ValueError, match=r'3 .*total_tasks=4 .*\[1, 2, 4\]'):
        tasks_of_process(4, 3)
    with pytest.raises(ValueError, match='total_tasks must be >= 1, got 0'):
        tasks_of_process(0, 1)
