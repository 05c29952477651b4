"""Malformed command lines, lists, class names and templates."""

import random
import re
from collections.abc import Iterator
from pathlib import Path

from faults.command_lines import command_lines, write_folder

from .outcome import Outcome
from .process import End, run, tool


def command_line_inputs(
    folder: Path, rng: random.Random, share: float
) -> Iterator[Outcome]:
    """Start tools with malformed command lines."""
    write_folder(folder)
    lines = list(command_lines(folder))
    for (script, *words), message in rng.sample(
        lines, round(len(lines) * share)
    ):
        place = folder / 'runs' / f'{len(list(folder.glob("runs/*")))}'
        place.mkdir(parents=True)
        end = run(tool(f'{script}.py', *words), place, limit=120)
        verdict = _judge(end, message)
        last = (end.log.strip().splitlines() or [''])[-1]
        yield Outcome('inputs', script, verdict, f'{" ".join(words)}: {last}')


def _judge(end: End, message: str) -> str:
    if end.code == -9:
        return 'hang'
    if end.code < 0:
        return 'crash'
    if end.code == 0:
        return 'silently wrong'
    last = (end.log.strip().splitlines() or [''])[-1]
    clear = 'error: ' in last and re.search(message, last)
    return 'named' if clear and end.code == 2 else 'unclear'
