"""Make Action-Swap videos: people before the backgrounds of others."""

import os
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mmovar.datasets.annotation_list import Annotation
from mmovar.datasets.io.clip_folders import find_clips
from mmovar.datasets.io.frame_source import ClipSource, FrameSource
from mmovar.datasets.io.open_video import open_frames
from mmovar.datasets.io.unreadable import is_unreadable
from mmovar.datasets.io.video_file import write_video
from mmovar.datasets.io.video_locator import StemIndex, video_stem
from mmovar.datasets.out_of_context.action_swap import ActionSwap
from mmovar.datasets.out_of_context.swaps import Swap

from .masks import MaskIndex, Masks
from .painted_out import PaintedOut

KINDS = ('random', 'same')
"""Swaps that can be drawn; close and far classes need the authors' lists."""

_FOLDER_FPS = 25.0


class MaskImages:
    """Masks as images, one for each frame of a video.

    Args:
        masks: Of the video; frames that they do not know have no person.
        count: Frames of the video.
        size: Height and width.
    """

    fps: float | None = None

    def __init__(
        self, masks: Masks, count: int, size: tuple[int, int]
    ) -> None:
        self._masks, self._count, self._size = masks, count, size

    def __len__(self) -> int:
        return self._count

    def read(self, indices: Sequence[int]) -> list[np.ndarray]:
        """Return masks, uint8 (H, W, 3), 255 on the person."""
        masks = [self._masks(int(i), self._size) for i in indices]
        images = [255 * mask.astype(np.uint8) for mask in masks]
        return [np.repeat(image[..., None], 3, 2) for image in images]


@dataclass(frozen=True)
class PersonMasks:
    """Frames of a video, its people, and what is behind them."""

    frames: ClipSource
    masks: MaskImages
    scenes: FrameSource


class BackgroundLibrary:
    """Videos with masks, by name.

    Args:
        videos: Folder of videos or frame folders, with folders below.
        masks: Of people.
        scenes: Folder of the same videos with people painted out; None
            paints them out, see :class:`PaintedOut`.

    Raises:
        FileNotFoundError: If a folder does not exist or holds no video.
    """

    def __init__(
        self,
        videos: str | os.PathLike,
        masks: MaskIndex,
        scenes: str | os.PathLike | None = None,
    ) -> None:
        self.paths = _clips(videos)
        self._videos, self._masks = StemIndex(self.paths), masks
        self._scenes = None if scenes is None else StemIndex(_clips(scenes))

    def open(self, name: str) -> PersonMasks:
        """Open a video by its name, with or without class folder.

        Raises:
            FileNotFoundError: If the video, its masks or its painted-out
                frames are not there.
            OSError: If they cannot be read.
        """
        path, masks = self._videos.find(name), self._masks.find(name)
        if path is None or masks is None:
            what = 'video' if path is None else 'mask'
            raise FileNotFoundError(f'no {what} of {name}')
        frames = open_frames(path)
        size = frames.read([0])[0].shape[:2]
        images = MaskImages(masks, len(frames), size)
        if self._scenes is None:
            return PersonMasks(frames, images, PaintedOut(frames, images))
        scenes = self._scenes.find(name)
        if scenes is None:
            raise FileNotFoundError(f'no painted-out frames of {name}')
        opened = open_frames(scenes, len(frames), tolerance=2)
        return PersonMasks(frames, images, opened)


def swap_names(
    videos: Sequence[Annotation], classnames: Sequence[str]
) -> dict[str, int]:
    """Name videos ``class/video`` as swap lists do; their labels."""
    return {
        f'{classnames[v.label].replace("/", " ")}/{video_stem(v.path)}': (
            v.label
        )
        for v in videos
    }


def draw_swaps(
    videos: dict[str, int], library: BackgroundLibrary, kind: str, seed: int
) -> tuple[list[Swap], dict[str, str]]:
    """Draw a background for each video.

    A draw depends on the seed and the names of the videos only.

    Args:
        videos: ``class/video`` to label.
        library: Where they are; those that are not, or have no mask, are
            neither foreground nor background.
        kind: ``'random'``: any video of another class; ``'same'``: another
            video of the class.
        seed: Not negative.

    Returns:
        Swaps, and name and reason of each video that has none.

    Raises:
        ValueError: If ``kind`` is unknown.
    """
    if kind not in KINDS:
        raise ValueError(f'kind {kind!r} is none of {KINDS}')
    frames, left_out = {}, {}
    for name in videos:
        try:
            frames[name] = len(library.open(name).frames)
        except Exception as error:
            if not is_unreadable(error):
                raise
            left_out[name] = ' '.join(str(error).split())
    by_label = defaultdict(list)
    for name in sorted(frames):
        by_label[videos[name]].append(name)
    swaps = []
    for name in frames:
        label = videos[name]
        choice = [
            other
            for of, others in by_label.items()
            if (of == label) == (kind == 'same')
            for other in others
            if other != name
        ]
        if not choice:
            left_out[name] = f'no background for a {kind!r} swap'
            continue
        rng = np.random.default_rng((seed, zlib.crc32(name.encode())))
        other = choice[rng.integers(len(choice))]
        swap = Swap(name, other, frames[other], videos[other], label)
        swaps.append(swap)
    return swaps, left_out


def make_swaps(
    swaps: Sequence[Swap],
    library: BackgroundLibrary,
    folder: str | os.PathLike,
    index_rule: str = 'hat',
) -> Iterator[tuple[Swap, Path, str]]:
    """Render Action-Swap videos, aligned on frame 0.

    ``{folder}/{class}/{video}.mp4`` has all frames of the foreground. A video
    appears when it is complete, and is not rendered again. A side of odd
    length loses a pixel: MPEG-4 has none.

    Args:
        swaps: What to render.
        library: Where videos and masks are.
        folder: Where videos go; made if need be.
        index_rule: See :func:`background_indices`.

    Yields:
        Swap, path of the video, and why there is none, if so.
    """
    for swap in swaps:
        path = Path(folder) / f'{swap.foreground}.mp4'
        reason = ''
        if not path.is_file():
            try:
                _render(swap, library, path, index_rule)
            except Exception as error:
                if not is_unreadable(error):
                    raise
                reason = ' '.join(str(error).split())
        yield swap, path, reason


def _render(
    swap: Swap, library: BackgroundLibrary, path: Path, index_rule: str
) -> None:
    person = library.open(swap.foreground)
    place = library.open(swap.background)
    counts = len(person.frames), swap.background_frames
    video = ActionSwap(
        person.frames,
        person.masks,
        place.scenes,
        place.masks,
        counts,
        index_rule,
    )
    frames = video.render(range(counts[0]), video.shift())
    if damage := person.frames.damage or place.frames.damage:
        raise OSError(f'damaged: {damage}')
    path.parent.mkdir(parents=True, exist_ok=True)
    write_video(path, np.stack(frames), person.frames.fps or _FOLDER_FPS)


def _clips(folder: str | os.PathLike) -> list[str]:
    """List the videos and frame folders below a folder."""
    if not os.path.isdir(folder):
        raise FileNotFoundError(f'folder of videos not found: {folder}')
    clips = list(find_clips(folder))
    if not clips:
        raise FileNotFoundError(f'no video and no frame in {folder}')
    return clips
