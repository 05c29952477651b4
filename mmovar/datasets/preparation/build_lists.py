"""Write annotation lists of the videos that are there."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mmovar.atomic_write import write_text

from ..annotation_list import Annotation, classes_without_video
from ..io.video_locator import VideoIndex


@dataclass(frozen=True)
class BuiltList:
    """A list, and which of its videos are there."""

    name: str
    """Without ``_videos.txt``."""
    found: tuple[Annotation, ...]
    """Videos that are there; paths relative to the folder of the videos."""
    missing: tuple[str, ...]
    """Paths, as the official list has them, of videos that are not."""
    absent: tuple[str, ...]
    """Class names without a video."""

    @property
    def total(self) -> int:
        """Number of videos that the list should have."""
        return len(self.found) + len(self.missing)


def build_list(
    name: str,
    annotations: Sequence[Annotation],
    index: VideoIndex,
    classnames: Sequence[str],
) -> BuiltList:
    """Look the videos of a list up in a folder.

    Args:
        name: Name of the list, without ``_videos.txt``.
        annotations: All videos the list should have.
        index: Files of the folder of the videos.
        classnames: Names of the classes, label 0 first.
    """
    found, missing = [], []
    for annotation in annotations:
        file = index.find(annotation.path)
        if file is None:
            missing.append(annotation.path)
        else:
            path = os.path.relpath(file, index.folder)
            found.append(annotation._replace(path=path))
    absent = classes_without_video(found, classnames)
    return BuiltList(name, tuple(found), tuple(missing), tuple(absent))


def write_list(built: BuiltList, folder: str | os.PathLike) -> Path:
    """Write ``{name}_videos.txt``.

    The file is replaced as a whole, so an interrupted call leaves no half of
    a list.

    Returns:
        The path of the list.

    Raises:
        ValueError: If there is no video to write.
    """
    if not built.found:
        raise ValueError(f'{built.name}: none of {built.total} videos found')
    path = Path(folder) / f'{built.name}_videos.txt'
    lines = [f'{video.path} {video.label}' for video in built.found]
    replace_text(path, lines)
    return path


def write_missing(built: BuiltList, folder: str | os.PathLike) -> None:
    """Write ``{name}_missing.txt``; there is none if no video is missing."""
    path = Path(folder) / f'{built.name}_missing.txt'
    if built.missing:
        replace_text(path, built.missing)
    else:
        path.unlink(missing_ok=True)


def replace_text(path: Path, lines: Sequence[str]) -> None:
    """Write lines so that the file is complete or the old one."""
    write_text(path, ''.join(f'{line}\n' for line in lines))
