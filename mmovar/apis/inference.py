"""Name the actions of video files with any labels."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.dataset import Compose, pseudo_collate
from mmengine.device import get_device
from mmengine.registry import init_default_scope
from mmengine.runner.amp import autocast
from mmengine.runner.checkpoint import load_state_dict
from torch import Tensor

from mmovar.clip.weight_files import read_weight_file
from mmovar.datasets.io.unreadable import is_unreadable
from mmovar.datasets.io.video_locator import VIDEO_SUFFIXES, is_video_name
from mmovar.engine.weights.preparation import prepare_checkpoint
from mmovar.models import CLIPRecognizer
from mmovar.vocabulary import read_classnames

from .config import load_config
from .config_options import check_options


@dataclass(frozen=True)
class Recognition:
    """The prediction of a model for one video.

    Attributes:
        video: Path of the video.
        labels: Best label first; empty if the video could not be read.
        probabilities: One for each of ``labels``, in 0..1; over all labels
            that were offered they sum to 1.
        error: Why the video could not be read, or None.
        damage: What is wrong with its frames, '' if nothing is; the
            prediction is that of the frames that could be decoded.
        frames: What the model saw, uint8 RGB (T, H, W, 3): the middle one of
            its views. None unless asked for.
    """

    video: str
    labels: tuple[str, ...] = ()
    probabilities: tuple[float, ...] = ()
    error: str | None = None
    damage: str = ''
    frames: np.ndarray | None = None


class UnreadableVideoError(ValueError):
    """A file that is no video, or a broken one."""


def init_recognizer(
    config: str | Path | Config,
    checkpoint: str | Path | None = None,
    classnames: str | Sequence[str] | None = None,
    device: str | torch.device | None = None,
    options: Mapping[str, Any] | None = None,
    *,
    skip_foreign: bool = False,
    unsafe_pickle: bool = False,
    allow_missing: Sequence[str] = (),
) -> CLIPRecognizer:
    """Build a model, ready for :func:`recognize`.

    Args:
        config: A config file or what was read from one; it needs ``model``
            and ``test_dataloader`` (or ``test_pipeline``).
        checkpoint: What ``tools/train.py`` wrote, or a released file of the
            config's model, see :mod:`mmovar.released`; None leaves CLIP's
            own weights, which ``model.weights`` names.
        classnames: Labels, or a name or file that
            :func:`mmovar.vocabulary.read_classnames` knows. None takes
            those of the config, else those the checkpoint was trained with.
        device: Where to run; None takes a GPU if there is one.
        options: Settings to override, see :func:`load_config`.
        skip_foreign: See :func:`mmovar.clip.weight_files.read_weight_file`.
        unsafe_pickle: Likewise.
        allow_missing: Globs of weights that the checkpoint may lack.

    Returns:
        The model in evaluation mode, with the config as ``model.cfg``, as
        ``mmaction.apis.inference_recognizer`` wants it.

    Raises:
        FileNotFoundError: If the config, the checkpoint or the CLIP weights
            are not there.
        KeyError: If the config has no ``model``, or none of the others.
        ValueError: If the class names are malformed, or the checkpoint is
            refused, broken or of another model.
    """
    if not isinstance(config, Config):
        config = load_config(config, options)
    elif options:
        check_options(config, options)
        config.merge_from_dict(dict(options))
    if 'model' not in config:
        raise KeyError(f'config {config.filename} has no model')
    inference_pipeline(config)
    init_default_scope(config.get('default_scope', 'mmaction'))
    model = MODELS.build(config.model)
    if checkpoint is not None:
        loaded = read_weight_file(checkpoint, skip_foreign, unsafe_pickle)
        prepare_checkpoint(loaded, model, allow_missing=allow_missing)
        load_state_dict(model, loaded['state_dict'])
        if classnames is None and not model.classnames:
            # of checkpoints whose state dict does not carry them yet
            meta = loaded.get('meta', {}).get('dataset_meta') or {}
            classnames = meta.get('classes')
    if classnames is not None:
        model.set_vocabulary(read_classnames(classnames))
    model.cfg = config
    return model.to(device or get_device()).eval()


def recognize(
    model: CLIPRecognizer,
    videos: str | Path | Iterable[str | Path],
    classnames: str | Sequence[str] | None = None,
    topk: int = 5,
) -> list[Recognition]:
    """Recognize the actions of videos.

    Args:
        model: From :func:`init_recognizer`.
        videos: A file, a folder (searched to any depth) or several of both.
        classnames: New labels for the model; None keeps those it has.
        topk: How many labels to return for each video.

    Returns:
        One result per video, in order. A video that cannot be read has an
        ``error`` and no labels.

    Raises:
        FileNotFoundError: If a path does not exist.
        ValueError: If a folder holds no video, ``topk`` is below 1, or the
            model has no labels.
    """
    return list(iter_recognitions(model, videos, classnames, topk))


def iter_recognitions(
    model: CLIPRecognizer,
    videos: str | Path | Iterable[str | Path],
    classnames: str | Sequence[str] | None = None,
    topk: int = 5,
    with_frames: bool = False,
) -> Iterator[Recognition]:
    """Yield the results of :func:`recognize` one at a time.

    Args:
        model: See :func:`recognize`.
        videos: See :func:`recognize`.
        classnames: See :func:`recognize`.
        topk: See :func:`recognize`.
        with_frames: Whether results carry the frames that the model saw.

    Yields:
        One result per video.

    Raises:
        FileNotFoundError: See :func:`recognize`.
        ValueError: See :func:`recognize`.
    """
    if topk < 1:
        raise ValueError(f'topk must be at least 1, but is {topk}')
    paths = find_videos(videos)
    if classnames is not None:
        model.set_vocabulary(read_classnames(classnames))
    pipeline = _pipeline(model)
    for path in paths:
        try:
            sample = _read(pipeline, path)
        except UnreadableVideoError as error:
            yield Recognition(path, error=str(error))
            continue
        values, indices = classify(model, sample).topk(
            min(topk, len(model.classnames))
        )
        yield Recognition(
            path,
            tuple(model.classnames[i] for i in indices.tolist()),
            tuple(values.tolist()),
            damage=damage_of(sample),
            frames=middle_view(sample) if with_frames else None,
        )


def read_video(model: CLIPRecognizer, video: str | Path) -> dict[str, Any]:
    """Read the views that a model takes of a video; it needs no labels.

    Args:
        model: From :func:`init_recognizer`.
        video: A file.

    Returns:
        The packed sample of its test pipeline.

    Raises:
        FileNotFoundError: If there is no such file.
        UnreadableVideoError: If it is no video, or a broken one.
    """
    if not Path(video).is_file():
        raise FileNotFoundError(f'there is no video {str(video)!r}')
    return _read(_pipeline(model), str(video))


def classify(model: CLIPRecognizer, sample: Mapping[str, Any]) -> Tensor:
    """Return the probabilities (C,) of the labels that a model has.

    Args:
        model: From :func:`init_recognizer`; ``test_cfg.amp`` of its config
            names the half precision to run in, if any.
        sample: From :func:`read_video` with a model of this pipeline.
    """
    half = (model.cfg.get('test_cfg') or {}).get('amp')
    device = next(model.parameters()).device.type
    with (
        torch.no_grad(),
        autocast(device, half and getattr(torch, half), half is not None),
    ):
        scored = model.test_step(pseudo_collate([dict(sample)]))[0]
    return _probabilities(model, scored.pred_score)


def damage_of(sample: Mapping[str, Any]) -> str:
    """Tell what is wrong with the frames of :func:`read_video`, or ''."""
    return sample['data_samples'].get('damage', '')


def middle_view(sample: Mapping[str, Any]) -> np.ndarray:
    """Take the frames of the middle view, uint8 RGB (T, H, W, 3)."""
    inputs = sample['inputs']  # (V, 3, T, H, W)
    view = inputs[len(inputs) // 2].movedim(0, -1)
    return view.to(torch.uint8).cpu().numpy()


def view_frames(model: CLIPRecognizer, video: str | Path) -> np.ndarray:
    """Read the frames that a model takes of a video; needs no labels.

    Args:
        model: From :func:`init_recognizer`.
        video: A file.

    Returns:
        The middle one of its views, uint8 RGB (T, H, W, 3).

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it cannot be read.
    """
    try:
        return middle_view(read_video(model, video))
    except UnreadableVideoError as error:
        raise ValueError(f'{str(video)!r} cannot be read: {error}') from error


def find_videos(videos: str | Path | Iterable[str | Path]) -> list[str]:
    """List video files.

    Args:
        videos: A file (of any suffix), a folder, or several of both.

    Returns:
        Paths in the given order; those of a folder are sorted.

    Raises:
        FileNotFoundError: If a path does not exist.
        ValueError: If a folder holds no video.
    """
    if isinstance(videos, (str, Path)):
        videos = [videos]
    found: list[str] = []
    for path in map(Path, videos):
        if path.is_file():
            found.append(str(path))
            continue
        if not path.is_dir():
            raise FileNotFoundError(f'there is no video {str(path)!r}')
        inside = sorted(
            str(file)
            for file in path.rglob('*')
            if is_video_name(file.name) and file.is_file()
        )
        if not inside:
            raise ValueError(
                f'folder {str(path)!r} holds no video; known suffixes are '
                f'{VIDEO_SUFFIXES}'
            )
        found += inside
    return found


def _probabilities(model: CLIPRecognizer, score: Tensor) -> Tensor:
    """Turn the scores of one video, (C,) or per view (V, C), into (C,)."""
    if model.cls_head.average_clips != 'prob':
        score = score.softmax(dim=-1)
    return score.reshape(-1, score.shape[-1]).mean(dim=0).cpu()


def _pipeline(model: CLIPRecognizer) -> Compose:
    init_default_scope(model.cfg.get('default_scope', 'mmaction'))
    return Compose(inference_pipeline(model.cfg))


def inference_pipeline(config: Config) -> list[dict[str, Any]]:
    """Return how a config reads a video: as its test does.

    Raises:
        KeyError: If it has neither ``test_dataloader`` nor ``test_pipeline``.
    """
    loader = config.get('test_dataloader') or {}
    pipeline = loader.get('dataset', {}).get('pipeline')
    if pipeline is None and 'test_pipeline' not in config:
        raise KeyError(
            f'config {config.filename} has no test_dataloader with a '
            'pipeline, and no test_pipeline'
        )
    return pipeline or config.test_pipeline


def _read(pipeline: Compose, path: str) -> dict[str, Any]:
    sample = dict(filename=path, label=-1, start_index=0, modality='RGB')
    try:
        packed = pipeline(sample)
    except Exception as error:
        if not is_unreadable(error):
            raise
        reason = str(error).strip().splitlines() or [repr(error)]
        raise UnreadableVideoError(reason[0]) from error
    packed['data_samples'].set_metainfo(dict(damage=sample.get('damage', '')))
    return packed
