"""Video embeddings of a test set or of a folder of videos."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from mmaction.registry import DATASETS
from mmengine.dataset import Compose, pseudo_collate
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from torch import nn

from mmovar.engine.loops.test_sets import datasets_of
from mmovar.models import CLIPRecognizer
from mmovar.visualization.contact_sheet import spread_evenly

from .inference import find_videos, inference_pipeline


class VideoFeatures(NamedTuple):
    """Embeddings of N videos."""

    features: np.ndarray
    """Unit embeddings, averaged over views, float32 (N, D)."""
    labels: np.ndarray
    """Class of each video, (N,)."""
    classnames: tuple[str, ...]


def encode_test_set(
    model: CLIPRecognizer, name: str | None = None, limit: int | None = None
) -> VideoFeatures:
    """Encode the videos of a test set.

    Args:
        model: From :func:`init_recognizer`; its config has the test sets.
        name: Name of the test set; None takes the first.
        limit: Most videos to take, at even steps of the list.

    Raises:
        KeyError: If there is no such test set.
    """
    init_default_scope(model.cfg.get('default_scope', 'mmaction'))
    sets = datasets_of(model.cfg)
    if name is not None and name not in sets:
        raise KeyError(f'there is no test set {name!r}, only {list(sets)}')
    dataset = DATASETS.build(sets[name or next(iter(sets))])
    if limit is not None and limit < len(dataset):
        dataset = dataset.get_subset(spread_evenly(len(dataset), limit))
    loader = Runner.build_dataloader(
        dict(model.cfg.test_dataloader, dataset=dataset)
    )
    features, labels = _encode(model, loader)
    return VideoFeatures(features, labels, tuple(dataset.metainfo['classes']))


def encode_folder(model: CLIPRecognizer, folder: str | Path) -> VideoFeatures:
    """Encode the videos of a folder with one folder in it for each class.

    Args:
        model: From :func:`init_recognizer`.
        folder: The folder.

    Raises:
        FileNotFoundError: If there is no such folder.
        ValueError: If it has no videos.
    """
    init_default_scope(model.cfg.get('default_scope', 'mmaction'))
    paths = find_videos(folder)
    names = sorted({Path(path).parent.name for path in paths})
    pipeline = Compose(inference_pipeline(model.cfg))

    def batches() -> Iterator[Any]:
        for path in paths:
            label = names.index(Path(path).parent.name)
            sample = dict(
                filename=path, label=label, start_index=0, modality='RGB'
            )
            yield pseudo_collate([pipeline(sample)])

    features, labels = _encode(model, batches(), len(paths))
    return VideoFeatures(features, labels, tuple(names))


@torch.no_grad()
def _encode(
    model: CLIPRecognizer, batches: Iterable[Any], count: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Encode batches, with a progress bar."""
    from tqdm import tqdm

    features, labels = [], []
    for batch in tqdm(batches, 'encode videos', count, unit='batch'):
        data = model.data_preprocessor(batch, training=False)
        views = model.encode_video(data['inputs']).float().mean(dim=1)
        features.append(nn.functional.normalize(views, dim=-1).cpu())
        labels += [int(sample.gt_label) for sample in data['data_samples']]
    return torch.cat(features).numpy(), np.array(labels)
