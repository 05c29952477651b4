"""Make SCUBA clips: people of a video before still backgrounds."""

import os
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mmovar.atomic_write import replacing
from mmovar.datasets.annotation_list import Annotation
from mmovar.datasets.io.frame_source import FrameSource
from mmovar.datasets.io.open_video import open_frames
from mmovar.datasets.io.unreadable import is_unreadable
from mmovar.datasets.io.video_locator import video_stem
from mmovar.datasets.out_of_context.backgrounds import Background
from mmovar.datasets.out_of_context.composition import replace_background

from .masks import MaskIndex, Masks

Progress = Callable[[Sequence[Any]], Iterable[Any]]


@dataclass(frozen=True)
class SCUBARecipe:
    """How clips are made.

    The defaults are StillMix's for UCF101. For HMDB51 and K400 it takes one
    clip a video; for K400 ``spread=1, min_cover=0.1, min_share=0.9``.

    Args:
        copies: Clips of each video, each before another background, >= 1.
        seed: Of the backgrounds; not negative.
        spread: Masks of so many frames before and after are added, >= 0.
        min_cover: A mask must cover this share of the pixels, 0..1, ...
        min_share: ... in this share of the frames, 0..1, or the video is left
            out.
        quality: Of the JPEG files, 1..100.

    Raises:
        ValueError: If a value is out of range.
    """

    copies: int = 5
    seed: int = 0
    spread: int = 0
    min_cover: float = 0.0
    min_share: float = 0.0
    quality: int = 90

    def __post_init__(self) -> None:
        ranges = dict(
            copies=(1, 1000),
            seed=(0, 2**31),
            spread=(0, 100),
            min_cover=(0, 1),
            min_share=(0, 1),
            quality=(1, 100),
        )
        for name, (low, high) in ranges.items():
            if not low <= getattr(self, name) <= high:
                raise ValueError(
                    f'{name} must be in {low}..{high}, got '
                    f'{getattr(self, name)}'
                )


@dataclass(frozen=True)
class Made:
    """What became of a video."""

    video: str
    clips: tuple[Annotation, ...] = ()
    """Name, label and number of frames of its clips."""
    reason: str = ''
    """Why there are none."""


def make_scuba(
    videos: Sequence[Annotation],
    masks: MaskIndex,
    background: Background,
    folder: str | os.PathLike,
    recipe: SCUBARecipe,
) -> Iterator[Made]:
    """Make the clips of each video, in the layout of the authors.

    ``{folder}/{video}__{k}/frame000001.jpg`` and on: the frames between the
    first and the last mask, the person on a background that is resized to
    the frame. Which background it is depends on the seed and the name of the
    clip only. A clip appears when it is complete, and is not made again.

    Source: StillMix (ICCV 2023), benchmark synthesis; its draws are seeded
    by the clock and cannot be repeated.

    Args:
        videos: Paths of videos or frame folders, with labels.
        masks: Of people, found by the names of the videos.
        background: Draws the backgrounds.
        folder: Where clips go; made if need be.
        recipe: How they are made.

    Yields:
        What became of each video; videos without mask, unreadable and
        damaged ones, and those with too small people have a reason and no
        clip.

    Raises:
        ValueError: If two videos have one name.
    """
    stems = Counter(video_stem(video.path) for video in videos)
    double = [stem for stem, times in stems.items() if times > 1]
    if double:
        raise ValueError(f'several videos are named {sorted(double)[:3]}')
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for video in videos:
        try:
            clips, reason = _make(video, masks, background, folder, recipe)
        except Exception as error:
            if not is_unreadable(error):
                raise
            clips, reason = (), f'unreadable: {" ".join(str(error).split())}'
        yield Made(video.path, clips, reason)


def _make(
    video: Annotation,
    masks: MaskIndex,
    background: Background,
    folder: Path,
    recipe: SCUBARecipe,
) -> tuple[tuple[Annotation, ...], str]:
    """Make the clips of a video; say why if there are none."""
    stem = video_stem(video.path)
    of_video = masks.find(stem)
    if of_video is None:
        return (), 'no mask'
    names = [f'{stem}__{k}' for k in range(recipe.copies)]
    kept = _finished(folder, names)
    if kept is None:
        source = open_frames(video.path)
        first, last = of_video.frames[0], of_video.frames[-1]
        indices = range(max(0, first), min(last + 1, len(source)))
        if not indices:
            return (), 'no frame has a mask'
        people = _people(source, of_video, indices, recipe.spread)
        if source.damage:
            return (), f'damaged: {source.damage}'
        cover = np.array([mask.mean() for _, mask in people])
        if not cover.any():
            return (), 'all masks are empty'
        if (cover >= recipe.min_cover).mean() < recipe.min_share:
            return (), 'people are too small'
        for name in names:
            rng = np.random.default_rng(
                (recipe.seed, zlib.crc32(name.encode()))
            )
            _write(folder, name, people, background(rng), recipe.quality)
        kept = len(people)
    return tuple(Annotation(n, video.label, kept) for n in names), ''


def _finished(folder: Path, names: Sequence[str]) -> int | None:
    """Return the frames of clips that are all there, else None."""
    if not all((folder / name).is_dir() for name in names):
        return None
    return len(open_frames(folder / names[0]))


def _people(
    source: FrameSource, masks: Masks, indices: range, spread: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Read frames and their masks."""
    frames = source.read(indices)
    size = frames[0].shape[:2]
    return [
        (frame, masks(index, size, spread))
        for frame, index in zip(frames, indices, strict=True)
    ]


def _write(
    folder: Path,
    name: str,
    people: Sequence[tuple[np.ndarray, np.ndarray]],
    background: np.ndarray,
    quality: int,
) -> None:
    """Write a clip that appears when it is complete."""
    import cv2
    from PIL import Image

    height, width = people[0][0].shape[:2]
    behind = np.asarray(Image.fromarray(background).resize((width, height)))
    with replacing(folder / name) as partial:
        partial.mkdir()
        for number, (frame, mask) in enumerate(people, start=1):
            image = replace_background(frame, mask, behind)[..., ::-1]
            path = str(partial / f'frame{number:06d}.jpg')
            options = [cv2.IMWRITE_JPEG_QUALITY, quality]
            if not cv2.imwrite(path, image, options):
                raise RuntimeError(f'cannot write {path}')
