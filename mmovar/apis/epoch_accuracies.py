"""Test the epochs of a training and their running averages."""

import copy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mmengine.config import Config
from torch import Tensor

from mmovar.clip.weight_files import read_weight_file
from mmovar.engine.loops.test_sets import datasets_of
from mmovar.engine.weights.averaging import running_averages
from mmovar.engine.weights.checkpoint_variants import raw_weights

from .launch import build_runner

_SWAPS = ('WeightPatchHook', 'SWAHook', 'GWAHook')


def epoch_accuracies(
    config: Config,
    checkpoints: Mapping[int, Path],
    averages: Mapping[str, dict[str, Any]],
    metrics: list[str],
) -> dict[str, dict[str, list[float]]]:
    """Test the raw weights of each epoch, and averages of all epochs so far.

    Averages are computed as the hooks do in training, one update an epoch.

    Args:
        config: With test sets and ``work_dir``.
        checkpoints: Epoch to the checkpoint of its training, in order; the
            last is the end of the run.
        averages: Name to ``kind`` and settings of an average, see
            :func:`mmovar.engine.weights.averaging.running_averages`; a
            Gaussian needs no ``times``.
        metrics: Names of metrics to keep.

    Returns:
        Metric to ``'raw'`` or name of the average to the metric at each
        epoch, in percent.

    Raises:
        KeyError: If the test has no such metric.
    """
    from tqdm import tqdm

    runner = build_runner(_only_measured(_plain(config), metrics))
    series = {'raw': _raw(checkpoints)}
    for name, settings in averages.items():
        if settings['kind'] == 'gaussian':
            times = [epoch / max(checkpoints) for epoch in checkpoints]
            settings = dict(settings, times=times)
        series[name] = running_averages(_raw(checkpoints), **settings)
    found: dict[str, dict[str, list[float]]] = {
        metric: {name: [] for name in series} for metric in metrics
    }
    bar = tqdm(total=len(series) * len(checkpoints), desc='test', unit='test')
    with bar:
        for name, weights in series.items():
            for state_dict in weights:
                runner.model.load_state_dict(state_dict)
                measured = runner.test()
                for metric in metrics:
                    if metric not in measured:
                        raise KeyError(
                            f'no metric {metric!r}; there are {list(measured)}'
                        )
                    found[metric][name].append(100 * float(measured[metric]))
                bar.update()
    return found


def by_epoch(paths: list[Path]) -> dict[int, Path]:
    """Sort checkpoints by the epoch they were saved in.

    Raises:
        FileNotFoundError: If one does not exist.
        ValueError: If one is not of training, or two are of one epoch.
    """
    found: dict[int, Path] = {}
    for path in paths:
        if not path.is_file():
            raise FileNotFoundError(f'there is no checkpoint {str(path)!r}')
        epoch = read_weight_file(path, lazy=True).get('meta', {}).get('epoch')
        if epoch is None or epoch in found:
            raise ValueError(
                f'{path} is of epoch {epoch}; need checkpoints of training, '
                'each of another epoch'
            )
        found[epoch] = path
    return dict(sorted(found.items()))


def _plain(config: Config) -> Config:
    """Leave out what loads or swaps weights itself."""
    config = copy.deepcopy(config)
    config.load_from, config.resume = None, False
    config.custom_hooks = [
        hook
        for hook in config.get('custom_hooks', [])
        if hook['type'] not in _SWAPS
    ]
    return config


def _only_measured(config: Config, metrics: list[str]) -> Config:
    """Leave out test sets of a name that no metric begins with."""
    if config.test_cfg.get('type') == 'BenchmarkTestLoop':
        sets = datasets_of(config)
        kept = {
            name: dataset
            for name, dataset in sets.items()
            if any(metric.startswith(f'{name}/') for metric in metrics)
        }
        # update() of a config would keep the other sets
        config.test_cfg = dict(config.test_cfg, sets=kept or sets, cells=None)
    return config


def _raw(checkpoints: Mapping[int, Path]) -> Iterator[dict[str, Tensor]]:
    for path in checkpoints.values():
        yield raw_weights(read_weight_file(path, lazy=True))
