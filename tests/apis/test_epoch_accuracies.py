"""Epochs of a training and their averages, tested."""

import numpy as np
import pytest
import torch

from mmovar.apis import load_config
from mmovar.apis.epoch_accuracies import by_epoch, epoch_accuracies
from mmovar.engine.weights.averaging import running_averages


def write_epochs(folder, values):
    """Checkpoints of the toy model, one a weight."""
    paths = []
    for epoch, value in enumerate(values, start=1):
        path = folder / f'epoch_{epoch}.pth'
        content = dict(
            meta=dict(epoch=epoch),
            state_dict=dict(weight=torch.tensor(float(value))),
        )
        torch.save(content, path)
        paths.append(path)
    return paths


def test_each_epoch_and_each_running_average_is_tested(toy_config, tmp_path):
    weights = [2.0, 6.0, 1.0]
    paths = by_epoch(write_epochs(tmp_path, weights)[::-1])
    assert list(paths) == [1, 2, 3]
    config = load_config(toy_config)
    config.work_dir = str(tmp_path / 'work')
    averages = dict(
        SWA=dict(kind='uniform'),
        GWA=dict(kind='gaussian', mu=2 / 3, sigma=1 / 3),
    )
    found = epoch_accuracies(config, paths, averages, ['second/toy/sum'])
    # the second test set has the numbers 0, 1, 2
    curves = found['second/toy/sum']
    assert curves['raw'] == pytest.approx([300 * w for w in weights])
    assert curves['SWA'] == pytest.approx([600, 1200, 900])
    shares = np.exp([-0.5, 0, -0.5])
    expected = [
        300 * np.average(weights[:n], weights=shares[:n]) for n in (1, 2, 3)
    ]
    assert curves['GWA'] == pytest.approx(expected)


def test_missing_metric_is_named(toy_config, tmp_path):
    config = load_config(toy_config)
    config.work_dir = str(tmp_path / 'work')
    paths = by_epoch(write_epochs(tmp_path, [1]))
    with pytest.raises(KeyError, match='toy/none'):
        epoch_accuracies(config, paths, {}, ['toy/none'])


def test_only_the_sets_of_metrics_are_tested(toy_config, tmp_path):
    config = load_config(toy_config)
    config.work_dir = str(tmp_path / 'work')
    paths = by_epoch(write_epochs(tmp_path, [1]))
    with pytest.raises(KeyError, match=r"there are \['second/"):
        epoch_accuracies(config, paths, {}, ['second/none'])


def test_two_checkpoints_of_an_epoch_are_refused(tmp_path):
    (path,) = write_epochs(tmp_path, [1])
    with pytest.raises(ValueError, match='epoch 1'):
        by_epoch([path, path])
    with pytest.raises(FileNotFoundError, match='none.pth'):
        by_epoch([tmp_path / 'none.pth'])


def test_running_averages_end_where_the_average_of_all_is():
    weights = [dict(w=torch.tensor([float(v)])) for v in (1, 4, 7)]
    averages = [a['w'].item() for a in running_averages(weights, 'uniform')]
    assert averages == pytest.approx([1, 2.5, 4])
