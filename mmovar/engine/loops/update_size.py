"""How processes share an update, whatever their number."""


def micro_batches(
    total: int, batch_size: int, processes: int
) -> tuple[int, int]:
    """Split the videos of an update into micro-batches.

    Args:
        total: Videos of an update, over all processes.
        batch_size: The most that a process reads at once.
        processes: How many there are.

    Returns:
        Videos of a micro-batch of a process, and micro-batches an update.

    Raises:
        ValueError: If a size is below 1, or the processes cannot share the
            videos evenly.
    """
    if batch_size < 1:
        raise ValueError(f'batch_size must be >= 1, got {batch_size}')
    share = _share(total, processes, 'total_batch_size')
    size = next(n for n in range(batch_size, 0, -1) if share % n == 0)
    return size, share // size


def tasks_of_process(total: int, processes: int) -> int:
    """Return how many of the tasks of an update each process handles.

    Args:
        total: Tasks of an update. More processes than that do one task each,
            so an update has more of them.
        processes: How many there are.

    Raises:
        ValueError: If there is no task, or fewer processes cannot share them
            evenly.
    """
    return _share(total, min(processes, max(total, 1)), 'total_tasks')


def _share(total: int, processes: int, name: str) -> int:
    if total < 1:
        raise ValueError(f'{name} must be >= 1, got {total}')
    if total % processes:
        fitting = [n for n in range(1, total + 1) if total % n == 0]
        raise ValueError(
            f'{processes} processes cannot share {name}={total} evenly: '
            f'take one of {fitting}'
        )
    return total // processes
