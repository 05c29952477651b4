"""Videos with captions, for retrieval."""

import os
from collections.abc import Sequence
from pathlib import Path

from mmaction.registry import DATASETS

from mmovar.vocabulary.text_files import read_table

from .annotation_list import Annotation
from .open_vocabulary_dataset import OpenVocabularyDataset

_VIDEO = ('video_id', 'video', 'filename')
_CAPTION = ('sentence', 'caption', 'text')


@DATASETS.register_module()
class CaptionDataset(OpenVocabularyDataset):
    """Videos whose classes are their captions.

    The list is a csv file with a header, one video a line, as MSR-VTT's
    ``MSRVTT_JSFUSION_test.csv``: a column ``video_id``, ``video`` or
    ``filename`` (with or without extension) and a column ``sentence``,
    ``caption`` or ``text``. A caption that occurs twice is one text; its
    videos share the label.

    Args:
        ann_file: The list, relative to ``data_root``.
        data_root: Folder that relative paths start from.
        kwargs: Of :class:`OpenVocabularyDataset`, without ``classnames``.

    Raises:
        FileNotFoundError: If the list does not exist.
        ValueError: If it lacks a column or a caption.
    """

    def __init__(self, ann_file: str, data_root: str = '', **kwargs) -> None:
        path = os.path.join(data_root or '', ann_file)
        self._captions = read_captions(path)
        names = dict.fromkeys(caption for _, caption in self._captions)
        super().__init__(
            ann_file, classnames=list(names), data_root=data_root, **kwargs
        )

    def _read_lists(self) -> list[Annotation]:
        """Label videos by the place of their caption."""
        label = {name: i for i, name in enumerate(self._metainfo['classes'])}
        return [
            Annotation(video, label[caption])
            for video, caption in self._captions
        ]


def read_captions(path: str | os.PathLike) -> list[tuple[str, str]]:
    """Read videos and captions from a csv file with a header.

    Args:
        path: The file.

    Returns:
        Video and caption of each line.

    Raises:
        FileNotFoundError: If it does not exist.
        ValueError: If it lacks a column or a caption, or is empty.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f'list of captions not found: {path}')
    header, rows = read_table(path)
    video = _column(header, _VIDEO, path)
    caption = _column(header, _CAPTION, path)
    found = [(row[video], row[caption]) for _, row in rows]
    for (line, _), pair in zip(rows, found, strict=True):
        if not all(pair):
            raise ValueError(
                f'{path}, line {line}: {video} or {caption} is empty'
            )
    if not found:
        raise ValueError(f'{path}: the list is empty')
    return found


def _column(header: Sequence[str], names: Sequence[str], path: Path) -> str:
    """Return the first of some names that a header has."""
    for name in names:
        if name in header:
            return name
    raise ValueError(f'{path} needs a column {names}, it has {list(header)}')
