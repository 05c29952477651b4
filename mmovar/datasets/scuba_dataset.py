"""SCUBA and SCUFO: an action before another background, moving or still."""

import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mmaction.registry import DATASETS
from mmengine.logging import print_log

from .frame_pipeline import Step, read_frame_folders
from .io.clip_folders import find_clips, locate_clips
from .open_vocabulary_dataset import OpenVocabularyDataset
from .path_class import PathClass

_NAMED = 10


@DATASETS.register_module()
class SCUBADataset(OpenVocabularyDataset):
    """Clips of SCUBA as their authors lay them out, for tests.

    A clip is a folder of frames, ``{video}__{k}/frame000001.jpg`` or
    ``val/{video}__{k}/000001.jpg`` with any prefix and number of digits, or a
    video file. ``scuba_root`` may be what the archives unpack to; a folder
    ``generated_videos`` in it is searched too.

    The list has lines ``{video}__{k} frames label``; a clip with fewer frames
    than the list says is unreadable, frames beyond are not used. Without a
    list all clips of the folder count, and their names tell the class, as
    those of UCF101 and HMDB51 do. Clips of no known class are counted and
    named in a warning.

    Clips that are unreadable or not there are scored as wrong, see
    :class:`OpenVocabularyDataset`. Steps of the pipeline that decode videos
    are replaced by :class:`OpenFrames` and :class:`ReadFrames`.

    Source: StillMix (ICCV 2023).

    Args:
        ann_file: The list, relative to ``data_root``, or None.
        pipeline: Transforms, as for video files.
        classnames: As in :class:`OpenVocabularyDataset`.
        scuba_root: Folder of the clips, relative to ``data_root``.
        scufo: Whether to show one frame of each clip all the time (SCUFO),
            see :class:`RepeatOneFrame`.
        seed: Which frame; not negative.
        fps: Frames per second of the frame folders, > 0. Only samplers with a
            target rate read it.
        data_root: Folder that relative paths start from.
        test_mode: Must be True.
        kwargs: Of :class:`OpenVocabularyDataset`.

    Raises:
        FileNotFoundError: If list or folder do not exist, or not one clip
            of the list is there.
        ValueError: If list, class names or pipeline do not fit, or no
            clip without a list has a known class.
    """

    def __init__(
        self,
        ann_file: str | None,
        pipeline: Sequence[Step],
        classnames: str | Sequence[str],
        scuba_root: str,
        scufo: bool = False,
        seed: int = 0,
        fps: float = 25.0,
        data_root: str = '',
        test_mode: bool = True,
        **kwargs,
    ) -> None:
        check_arguments(self, test_mode, **kwargs)
        still = [dict(type='RepeatOneFrame', seed=seed)] if scufo else []
        super().__init__(
            ann_file or [],
            read_frame_folders(
                pipeline,
                dict(type='OpenFrames', fps=fps),
                [*still, dict(type='ReadFrames')],
            ),
            classnames,
            data_root=data_root,
            data_prefix=dict(video=scuba_root),
            test_mode=True,
            **kwargs,
        )

    def load_data_list(self) -> list[dict]:
        """Read the list, or the names of the clips, and find the clips."""
        folder = self.data_prefix['video']
        if not self.ann_file:
            return self._label_clips(folder)
        annotations = self._read_lists()
        files = locate_clips([a.path for a in annotations], folder)
        return [
            dict(
                filename=file,
                label=annotation.label,
                listed_frames=annotation.num_frames,
            )
            for file, annotation in zip(files, annotations, strict=True)
        ]

    def _label_clips(self, folder: str) -> list[dict]:
        """Label all clips of a folder by their names."""
        if not os.path.isdir(folder):
            raise FileNotFoundError(f'folder of clips not found: {folder}')
        if not self._check_paths:
            raise ValueError(
                'class names that are wrong on purpose need a list, give '
                'ann_file'
            )
        path_class = PathClass(self._metainfo['classes'])
        clips = list(find_clips(folder))
        labels = [path_class.label(clip) for clip in clips]
        unknown = [
            Path(clip).name
            for clip, label in zip(clips, labels, strict=True)
            if label is None
        ]
        if len(unknown) == len(clips):
            raise ValueError(
                f'{folder} holds {len(clips)} clips, such as {unknown[:1]}, '
                'and no name tells a class; give ann_file'
            )
        if unknown:
            print_log(
                f'{len(unknown)} of {len(clips)} clips in {folder} are left '
                'out, their names tell no class: '
                + ', '.join(unknown[:_NAMED]),
                logger='current',
                level=logging.WARNING,
            )
        return [
            dict(filename=clip, label=label, listed_frames=None)
            for clip, label in zip(clips, labels, strict=True)
            if label is not None
        ]


def check_arguments(
    dataset: object, test_mode: bool, store: Any = None, **kwargs: Any
) -> None:
    """Refuse to train on a benchmark, or to read it from a packed store."""
    if store is not None:
        raise ValueError(
            f'{type(dataset).__name__} reads clips from its own folders, not '
            f'from a packed store, got store={store!r}'
        )
    if not test_mode:
        raise ValueError(
            f'{type(dataset).__name__} is for tests only, test_mode must be '
            'True'
        )
