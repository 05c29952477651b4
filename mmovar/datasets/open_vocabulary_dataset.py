"""Videos with labels, and the class names that the labels stand for."""

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np
import torch
from mmaction.registry import DATASETS
from mmengine.dataset import BaseDataset
from mmengine.logging import print_log

from mmovar.vocabulary import is_builtin, is_legacy, read_classnames

from .annotation_list import (
    Annotation,
    classes_without_video,
    foreign_classes,
    read_annotation_list,
    select_classes,
)
from .frame_pipeline import (
    Step,
    read_frame_folders,
    warn_of_inexact_decoding,
)
from .io import in_hand
from .io.packed_store import open_store
from .io.unreadable import is_unreadable
from .io.video_locator import locate_videos
from .own_videos import read_own_videos
from .seeding import SharedClock, seeded
from .sources import SOURCES, source_arguments


@DATASETS.register_module()
class OpenVocabularyDataset(BaseDataset):
    """Video dataset that comes with its class names.

    The names are ``metainfo['classes']``; models and metrics take them from
    there. A sample enters the pipeline with ``filename``, ``label``,
    ``start_index``, ``modality`` and ``unreadable``, as MMAction2's
    ``VideoDataset`` gives them, so all its transforms work.

    A video that cannot be decoded never vanishes: every data sample carries
    ``unreadable``, the path of the broken video or None, and
    ``unreadable_reason``. In training another
    video (with its own label) takes the place; in testing the frames are
    black, the label stays, and :class:`OpenVocabularyMetric` scores the
    sample as wrong. :class:`UnreadableVideoHook` reports and counts them.

    Once :meth:`set_epoch` was called (:class:`EpochSeedHook` does it), the
    random numbers of an item depend on seed, epoch and item only, so that a
    resumed training augments as the uninterrupted one. Copies of an item
    within an epoch (``RepeatDataset``) are then augmented alike.

    Args:
        ann_file: Annotation list, or several that are read one after another;
            see :func:`read_annotation_list`. Relative to ``data_root``. It
            and ``classnames`` may be left out where ``source`` is given.
        pipeline: Transforms; the last one packs (``PackActionInputs``).
        classnames: Name of a built-in list, names, or a file relative to
            ``data_root``; see :func:`read_classnames`. Classes without a
            video are named in a warning.
        list_classnames: Class names that the labels of the list count, if
            the dataset is to hold only some of its classes; same forms.
            Videos of classes that ``classnames`` lacks are left out, labels
            count ``classnames``: all lists of UCF101 with
            ``list_classnames='ucf101', classnames='ucf101_novel'`` are the
            novel half.
        data_root: Folder that relative paths start from. With ``source``,
            None is ``MMOVAR_DATA``, else ``data``.
        data_prefix: ``dict(video=folder of the videos)``; the videos may lie
            in class folders or not, see :func:`locate_videos`.
        test_mode: Keep the label of unreadable videos, as described above.
        metainfo: More entries for ``metainfo``.
        source: Name of a data set, in place of list, folder and class names;
            see :data:`mmovar.datasets.sources.SOURCES`. Or videos of your
            own, ``dict(path='/my/videos', split='train')``: class folders or
            a csv, see :func:`read_own_videos`.
        shots: Videos of each class, of a few-shot source.
        draw: Which draw of the videos, 1..3, of a base-to-novel source; the
            seed of a source of ``mini``.
        names: ``'llm'``: the class names of the source that a language model
            has rephrased; ``'folders'``: UCF101's as its folders spell them.
        flip_directed: Whether ``Flip`` stays in the pipeline for a source
            whose classes are directions (SSv2).
        order: Of the training videos before they are shuffled: ``'list'``, or
            ``'class'``, sorted by label and path. Kinetics' usual lists are
            shuffled already.
        store: Folder of packed videos, which ``tools/data/pack.py`` writes:
            frames are read from there, by :class:`OpenPacked` in place of the
            pipeline's own steps, and the videos need not be on disk.
        check_paths: Whether labels must agree with the classes that file
            names of UCF101 and HMDB51 and class folders tell; False for
            labels of one's own over such files.
        kwargs: Further arguments of MMEngine's ``BaseDataset``.

    Raises:
        ValueError: If ``data_prefix`` has no ``video``, or list or class
            names are malformed or do not fit each other. Built-in names
            that lack a class of UCF101's or HMDB51's file names do not fit;
            names of your own may be rephrased, so this is a warning.
        FileNotFoundError: If the list, the class names or the folder of the
            videos do not exist.
        RuntimeError: On access, if no readable video is found to take the
            place of an unreadable one.
    """

    ann_file: list[str]
    data_prefix: dict[str, str]

    def __init__(
        self,
        ann_file: str | Sequence[str] | None = None,
        pipeline: Sequence[Step] = (),
        classnames: str | Sequence[str] | None = None,
        data_root: str | None = '',
        data_prefix: Mapping[str, str] | None = None,
        test_mode: bool = False,
        metainfo: Mapping | None = None,
        list_classnames: str | Sequence[str] | None = None,
        source: str | Mapping[str, Any] | None = None,
        shots: int | None = None,
        draw: int | None = None,
        names: str | None = None,
        flip_directed: bool = True,
        order: str = 'list',
        store: str | os.PathLike | None = None,
        check_paths: bool = True,
        **kwargs,
    ) -> None:
        self._own = None
        if isinstance(source, Mapping):
            self._own = read_own_videos(**source)
            ann_file, classnames = [], self._own.classnames
        elif source is not None:
            found = self._find_source(source, shots, draw, names, data_root)
            ann_file, data_prefix = found['ann_file'], found['data_prefix']
            data_root = found['data_root']
            classnames = classnames or found['classnames']
            list_classnames = list_classnames or found.get('list_classnames')
            if SOURCES[source].directed and not flip_directed:
                pipeline = [
                    step
                    for step in pipeline
                    if not isinstance(step, dict) or step['type'] != 'Flip'
                ]
        if ann_file is None or classnames is None:
            raise ValueError(
                'give ann_file and classnames, or a source, got '
                f'ann_file={ann_file!r}, classnames={classnames!r}'
            )
        if order not in ('list', 'class'):
            raise ValueError(f"order must be 'list' or 'class', got {order!r}")
        self._order, self._store = order, store
        if store is not None:
            pipeline = read_frame_folders(
                pipeline,
                dict(type='OpenPacked', store=store),
                [dict(type='VideoDecode')],
            )
        data_prefix = dict(video='') if data_prefix is None else data_prefix
        if 'video' not in data_prefix:
            raise ValueError(
                "data_prefix must be dict(video='folder of the videos'), got "
                f'{dict(data_prefix)}'
            )
        class_names = read_classnames(classnames, root=data_root or '')
        listed = classnames if list_classnames is None else list_classnames
        self._list_classnames = read_classnames(listed, root=data_root or '')
        self._check_paths = check_paths and not is_legacy(listed)
        self._builtin = isinstance(listed, str) and is_builtin(listed)
        for step in pipeline:
            kind = step.get('type') if isinstance(step, dict) else None
            if kind in ('DecordInit', 'OpenCVInit', 'PyAVInit'):
                warn_of_inexact_decoding(kind)
        self._clock = SharedClock()
        one = isinstance(ann_file, (str, os.PathLike))
        super().__init__(
            [ann_file] if one else ann_file,
            metainfo=dict(metainfo or {}, classes=class_names),
            data_root=data_root,
            data_prefix=dict(data_prefix),
            pipeline=pipeline,
            test_mode=test_mode,
            **kwargs,
        )

    @staticmethod
    def _find_source(source: str, *options: Any) -> dict[str, Any]:
        """Return the arguments that a source of videos stands for."""
        found = source_arguments(source, *options)
        if 'data_prefix' not in found or found['classnames'] is None:
            raise ValueError(
                f'source {source!r} is read by {found["type"]}: build it from '
                'mmovar.datasets.resolve_source(config), as the test loop does'
            )
        return found

    def set_epoch(self, epoch: int, seed: int = 0) -> None:
        """Seed the augmentation of this epoch, in all worker processes.

        Args:
            epoch: Number of the epoch, from 0.
            seed: Seed of the run; not negative.
        """
        self._clock.set(epoch, seed)

    def load_data_list(self) -> list[dict]:
        """Read the lists and locate the videos."""
        if self._own is not None:
            return [
                dict(filename=file, label=label)
                for file, label in zip(
                    self._own.files, self._own.labels, strict=True
                )
            ]
        annotations = self._read_lists()
        if self._order == 'class':
            annotations.sort(key=lambda video: (video.label, video.path))
        paths = [annotation.path for annotation in annotations]
        locate = locate_videos
        if self._store is not None:
            locate = open_store(self._store).locate
        files = locate(paths, self.data_prefix['video'])
        return [
            dict(filename=file, label=annotation.label)
            for file, annotation in zip(files, annotations, strict=True)
        ]

    def _read_lists(self) -> list[Annotation]:
        """Read the lists, keep the videos of this dataset's classes."""
        names = self._metainfo['classes']
        annotations = [
            annotation
            for ann_file in self.ann_file
            for annotation in self._read_annotations(ann_file)
        ]
        if self._list_classnames != names:
            annotations = select_classes(
                annotations, self._list_classnames, names
            )
        absent = classes_without_video(annotations, names)
        if absent:
            print_log(
                f'{len(absent)} of {len(names)} classes have no video in '
                f'{", ".join(map(str, self.ann_file))}: {", ".join(absent)}',
                logger='current',
                level=logging.WARNING,
            )
        return annotations

    def _read_annotations(self, ann_file: str) -> list[Annotation]:
        """Read one list."""
        names = self._list_classnames
        annotations = read_annotation_list(ann_file, names, self._check_paths)
        foreign = foreign_classes(annotations, names)
        if foreign:
            text = (
                f'{ann_file}: {len(foreign)} classes of its file names are '
                f'not among the {len(names)} class names '
                f'({names[0]!r}, ...), such as {foreign[0]!r}'
            )
            if self._builtin:
                raise ValueError(
                    f'the class names do not fit the list: {text}'
                )
            print_log(text, logger='current', level=logging.WARNING)
        return annotations

    def get_data_info(self, idx: int) -> dict:
        """Return what the pipeline starts from."""
        info = super().get_data_info(idx)
        info.update(start_index=0, modality='RGB', unreadable=None)
        in_hand.note(info['filename'])
        return info

    def prepare_data(self, idx: int) -> Any:
        """Run the pipeline on an item, or on a stand-in if it is broken."""
        info = self.get_data_info(idx)
        path, label, idx = info['filename'], info['label'], info['sample_idx']
        clock = self._clock.get()
        with nullcontext() if clock is None else seeded(*clock, idx):
            try:
                return self._mark(self.pipeline(info), info)
            except Exception as error:
                if not is_unreadable(error):
                    raise
                reason = ' '.join(str(error).split()) or type(error).__name__
            return self._stand_in(idx, path, label, reason)

    def _stand_in(self, idx: int, path: str, label: int, reason: str) -> Any:
        """Return another item in place of one that cannot be read."""
        tried = [path]
        for other in self._others(idx):
            info = self.get_data_info(other)
            file = info['filename']
            try:
                data = self._mark(self.pipeline(info), info, path, reason)
            except Exception as error:
                if not is_unreadable(error):
                    raise
                tried.append(file)
                continue
            if self.test_mode:
                data['inputs'] = torch.zeros_like(data['inputs'])
                data['data_samples'].set_gt_label(label)
                data['data_samples'].set_metainfo(dict(filename=path))
            return data
        raise RuntimeError(
            f'none of {len(tried)} videos could be read: '
            + ', '.join(tried[:10])
            + (', ...' if len(tried) > 10 else '')
        )

    def _others(self, idx: int) -> Iterator[int]:
        """Yield other items in an order that depends on the clock only."""
        generator = np.random.default_rng((*(self._clock.get() or ()), idx))
        order = generator.permutation(len(self)).tolist()
        return (other for other in order[: self.max_refetch] if other != idx)

    @staticmethod
    def _mark(
        data: Any, info: Mapping, path: str | None = None, reason: str = ''
    ) -> Any:
        """Note on the data sample which video was unreadable, or damaged."""
        if data is not None and 'data_samples' in data:
            told = dict(unreadable=path, unreadable_reason=reason)
            if info.get('damage'):
                told['damaged'] = f'{info["filename"]}: {info["damage"]}'
            data['data_samples'].set_metainfo(told)
        elif path is not None:
            raise ValueError(
                f'cannot replace the unreadable video {path}: the pipeline '
                'must end with PackActionInputs'
            )
        return data

    def _join_prefix(self) -> None:
        """Put ``data_root`` before the lists and the folder of the videos."""
        root = self.data_root or ''
        self.ann_file = [os.path.join(root, file) for file in self.ann_file]
        self.data_prefix = {
            key: os.path.join(root, prefix)
            for key, prefix in self.data_prefix.items()
        }
