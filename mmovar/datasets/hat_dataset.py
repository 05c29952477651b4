"""HAT: people and scenes apart, and people in the scenes of others."""

import logging
import os
from collections.abc import Sequence
from typing import Any

from mmaction.registry import DATASETS
from mmengine.logging import print_log

from mmovar.clip.config import PIXEL_MEAN

from .annotation_list import Annotation, read_annotation_list
from .frame_pipeline import Step, read_frame_folders
from .io.clip_folders import locate_clips
from .open_vocabulary_dataset import OpenVocabularyDataset
from .out_of_context.swaps import Swap, read_swaps
from .path_class import PathClass
from .scuba_dataset import check_arguments

SWAPS = ('random', 'same', 'close', 'far')
ALONE = ('scene_only', 'human_only')

# Names of the three trees: UCF101 of DEVIAS, K400 of DEVIAS, HAT.
_FRAMES = ('rawframes', 'original', 'ori')
_MASKS = ('seg',)
_SCENES = ('inpaint', 'inp')


@DATASETS.register_module()
class HATDataset(OpenVocabularyDataset):
    """One list of HAT, rendered from frames, masks and painted-out frames.

    Below ``hat_root`` lie the original frames (``rawframes``, ``original`` or
    ``ori``), person masks (``seg``) and frames without people (``inpaint`` or
    ``inp``). Clips may lie in class folders or not, frames may have any
    prefix and count from 0 or 1. Data samples of swaps carry
    ``background_label``, so that ``OpenVocabularyMetric`` counts the videos
    named after their background.

    Clips that are unreadable or not there are scored as wrong, see
    :class:`OpenVocabularyDataset`. Steps of the pipeline that decode videos
    are replaced.

    Source: HAT (NeurIPS 2022).

    Args:
        ann_file: Relative to ``data_root``. For swaps the list of foregrounds
            and backgrounds, see :func:`read_swaps`; else a list of lines
            ``class/video frames label``. A label 0 there that contradicts the
            class folder is what a script left where it knew no label (102
            lines of K400): the folder counts, a warning says how many. Other
            contradictions are errors.
        pipeline: Transforms, as for video files.
        classnames: As in :class:`OpenVocabularyDataset`.
        hat_root: Folder of the three trees, relative to ``data_root``.
        variant: ``'random'``, ``'same'``, ``'close'`` or ``'far'`` (swaps),
            ``'scene_only'`` or ``'human_only'``.
        index_rule: Of swaps, see :class:`SwapBackground`.
        align: Of swaps, see :class:`SwapBackground`.
        fill: Colour around people alone, see :class:`KeepPeople`.
        rendered: Folder of ready swap videos (``tools/data/make_hat.py``
            writes them), relative to ``hat_root``; None renders them here.
        fps: Frames per second of the frame folders, > 0. Only samplers with a
            target rate read it.
        data_root: Folder that relative paths start from.
        test_mode: Must be True.
        kwargs: Of :class:`OpenVocabularyDataset`.

    Raises:
        FileNotFoundError: If the list or a tree does not exist, or not
            one clip is there.
        ValueError: If ``variant`` is unknown, or list, class names or
            pipeline do not fit.
    """

    def __init__(
        self,
        ann_file: str,
        pipeline: Sequence[Step],
        classnames: str | Sequence[str],
        hat_root: str,
        variant: str,
        index_rule: str = 'hat',
        align: str = 'first_frame',
        fill: Sequence[float] = PIXEL_MEAN,
        rendered: str | None = None,
        fps: float = 25.0,
        data_root: str = '',
        test_mode: bool = True,
        **kwargs,
    ) -> None:
        check_arguments(self, test_mode, **kwargs)
        if variant not in (*SWAPS, *ALONE):
            raise ValueError(
                f'variant {variant!r} is none of {(*SWAPS, *ALONE)}'
            )
        if rendered is not None and variant in ALONE:
            raise ValueError(f'{variant!r} has no rendered videos')
        if 'list_classnames' in kwargs and variant in SWAPS:
            raise ValueError('swap lists count classnames, not others')
        self._variant, self._rendered = variant, rendered
        reading: dict[str, Any] = dict(type='ReadFrames')
        if variant == 'human_only':
            reading = dict(type='KeepPeople', fill=fill)
        elif variant in SWAPS and rendered is None:
            reading = dict(
                type='SwapBackground', index_rule=index_rule, align=align
            )
        super().__init__(
            ann_file,
            read_frame_folders(
                pipeline,
                dict(type='OpenFrames', fps=fps, tolerance=2),
                [reading],
            ),
            classnames,
            data_root=data_root,
            data_prefix=dict(video=hat_root),
            test_mode=True,
            **kwargs,
        )

    def load_data_list(self) -> list[dict]:
        """Read the list and find the clips in the trees."""
        if self._variant in SWAPS:
            swaps = [
                swap
                for file in self.ann_file
                for swap in read_swaps(file, self._metainfo['classes'])
            ]
            return self._find_swaps(swaps)
        annotations = self._read_lists()
        names = [annotation.path for annotation in annotations]
        keys: dict[str, tuple[str, ...]] = dict(filename=_SCENES)
        if self._variant == 'human_only':
            keys = dict(filename=_FRAMES, mask_folder=_MASKS)
        found = {key: self._locate(names, of) for key, of in keys.items()}
        return [
            dict(
                label=annotation.label,
                listed_frames=annotation.num_frames,
                **{key: files[i] for key, files in found.items()},
            )
            for i, annotation in enumerate(annotations)
        ]

    def _find_swaps(self, swaps: Sequence[Swap]) -> list[dict]:
        """Find what swap videos are rendered from, or the videos."""
        infos: list[dict[str, Any]] = [
            dict(label=swap.label, background_label=swap.background_label)
            for swap in swaps
        ]
        people = [swap.foreground for swap in swaps]
        scenes = [swap.background for swap in swaps]
        keys: dict[str, list]
        if self._rendered is not None:
            folder = os.path.join(self.data_prefix['video'], self._rendered)
            keys = dict(filename=locate_clips(people, folder))
        else:
            keys = dict(
                filename=self._locate(people, _FRAMES),
                mask_folder=self._locate(people, _MASKS),
                background_folder=self._locate(scenes, _SCENES),
                background_mask_folder=self._locate(scenes, _MASKS),
                background_frames=[swap.background_frames for swap in swaps],
            )
        for i, info in enumerate(infos):
            info.update({key: values[i] for key, values in keys.items()})
        return infos

    def _locate(self, names: Sequence[str], trees: Sequence[str]) -> list[str]:
        """Find clips in the tree that bears one of some names."""
        root = self.data_prefix['video']
        for tree in trees:
            folder = os.path.join(root, tree)
            if os.path.isdir(folder):
                return locate_clips(names, folder)
        raise FileNotFoundError(
            f'{root} has no folder {" or ".join(trees)}, which '
            f'{self._variant!r} needs'
        )

    def _read_annotations(self, ann_file: str) -> list[Annotation]:
        """Read a list; where label 0 contradicts the folder, that counts."""
        names = self._list_classnames
        path_class = PathClass(names)
        annotations = read_annotation_list(ann_file, names, check_paths=False)
        wrong = {}
        for i, annotation in enumerate(annotations):
            known = path_class(annotation.path)
            if known is not None and known.label not in (
                None,
                annotation.label,
            ):
                wrong[i] = known.label
        few = len(wrong) * 2 < len(annotations)
        if not few or any(annotations[i].label for i in wrong):
            return super()._read_annotations(ann_file)  # says what is wrong
        if wrong:
            print_log(
                f'{ann_file}: {len(wrong)} of {len(annotations)} lines have '
                'label 0 against their class folder, the folder counts: '
                f'{", ".join(annotations[i].path for i in list(wrong)[:3])}',
                logger='current',
                level=logging.WARNING,
            )
        return [
            annotation._replace(label=wrong.get(i, annotation.label))
            for i, annotation in enumerate(annotations)
        ]

    def prepare_data(self, idx: int) -> Any:
        """Run the pipeline; note the class of a swapped background."""
        data = super().prepare_data(idx)
        label = self.get_data_info(idx).get('background_label')
        if label is not None:
            data['data_samples'].set_metainfo(dict(background_label=label))
        return data
