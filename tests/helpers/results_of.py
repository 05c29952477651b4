"""Records with numbers that a test can compute by hand."""

import numpy as np

from mmovar.benchmark import Predictions, Record, build_protocol, find_cells

NAMES = tuple(f'class {i}' for i in range(7))


def predictions(best, truth, videos=None, **more):
    scores = np.zeros((len(best), len(NAMES)))
    for row, label in zip(scores, best, strict=True):
        row[label] = 1
    videos = videos or [f'v{i}' for i in range(len(best))]
    return Predictions.from_scores(videos, truth, scores, NAMES, **more)


def record(cell, percent, method='tc_clip', total=1000, **more):
    """Record of a cell with a top-1 (and top-5) accuracy in percent."""
    protocol, declared = find_cells([cell], method)[0]
    part = round(percent * total / 100)
    fractions = {'top1': (part, total), 'top5': (min(part + 10, total), total)}
    fields = dict(
        cell=cell,
        protocol=protocol.name,
        version=declared.version,
        method=method,
        fractions=fractions,
        videos=declared.size or total,
        declared=declared.to_dict(),
    )
    return Record(**{**fields, **more})


def records(protocol, percents, method='tc_clip', **more):
    """Records of some cells of a protocol."""
    names = {cell.name for cell in build_protocol(protocol, method).cells}
    assert set(percents) <= names
    return [record(c, p, method, **more) for c, p in percents.items()]
