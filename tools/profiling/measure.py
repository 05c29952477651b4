"""Time and peak memory of a piece of work, on a GPU or a CPU."""

import ctypes
import gc
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch

MIB = 1 << 20


def synchronize() -> None:
    """Wait for the GPU, if there is one."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def seconds(work: Callable[[], object]) -> float:
    """Return the wall time of one call."""
    synchronize()
    start = time.perf_counter()
    work()
    synchronize()
    return time.perf_counter() - start


def interleave(
    repeats: int, *works: Callable[[], object]
) -> list[list[float]]:
    """Time several works in turn (A B A B ...), after one warm-up each.

    Returns:
        Wall times in seconds, a list a work.
    """
    for work in works:
        work()
    times: list[list[float]] = [[] for _ in works]
    for _ in range(repeats):
        for work, record in zip(works, times, strict=True):
            record.append(seconds(work))
    return times


def ratio(numerator: list[float], denominator: list[float]) -> str:
    """Format the median of paired ratios with its range."""
    pairs = [a / b for a, b in zip(numerator, denominator, strict=True)]
    return (
        f'{statistics.median(pairs):.3f} '
        f'({min(pairs):.3f} to {max(pairs):.3f})'
    )


def peak_memory(work: Callable[[], object]) -> int:
    """Return the peak memory while a work runs, in MiB, all included.

    On a GPU what PyTorch has allocated; on a CPU the resident set of the
    process, whose high-water mark Linux lets a process reset.
    """
    gc.collect()
    libc = ctypes.CDLL(None)
    if hasattr(libc, 'malloc_trim'):
        libc.malloc_trim(0)  # what earlier work has freed does not count
    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()
        work()
        return torch.cuda.max_memory_allocated() // MIB
    Path('/proc/self/clear_refs').write_text('5')
    work()
    for line in Path('/proc/self/status').read_text().splitlines():
        if line.startswith('VmHWM'):
            return int(line.split()[1]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
