"""Data sets by name: lists, videos and class names below the data root."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DATA_VARIABLE = 'MMOVAR_DATA'
"""Environment variable with the data root, where none is given."""


@dataclass(frozen=True)
class Source:
    """Where a data set lies below the data root.

    Lists and folders are named as MMAction2's data preparation leaves them;
    ``datasets_splits/`` and ``labels/`` are the folders of ViFi-CLIP or
    TC-CLIP, as they are. ``{shots}`` (videos a class) and ``{draw}`` (of
    base-to-novel, 1..3; of mini, its seed) in a list's name are arguments of
    the data set.
    """

    ann_file: str | tuple[str, ...] | None
    """Lists, read one after another."""
    videos: str
    """Folder of the videos; videos may lie in class folders or not."""
    classnames: str | None
    """Built-in name of the classes, or a file."""
    type: str = 'OpenVocabularyDataset'
    """Registered class that reads it."""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    """More arguments of that class."""
    directed: bool = False
    """Whether classes are directions, which flipping exchanges."""


def _kinetics(name: str) -> str:
    """``k400_base`` to the built-in names ``kinetics400_base``."""
    return name.replace('k400', 'kinetics400').replace('k600', 'kinetics600')


def _split(name: str, file: str, classnames: str | None = None) -> Source:
    """One of the lists of ViFi-CLIP and TC-CLIP."""
    dataset = name.partition('_')[0]
    videos = dict(
        k400='kinetics400',
        k600='kinetics600',
        hmdb51='hmdb51/videos',
        ucf101='ucf101/videos',
        ssv2='sthv2/videos',
    )[dataset]
    return Source(
        f'datasets_splits/{file}',
        videos,
        classnames or _kinetics(dataset),
        directed=dataset == 'ssv2',
    )


def _split_1(dataset: str, **more: Any) -> Source:
    """All videos: training and test list of split 1 together."""
    return Source(
        tuple(
            f'{dataset}/{dataset}_{part}_split_1_videos.txt'
            for part in ('train', 'val')
        ),
        f'{dataset}/videos',
        **{'classnames': dataset, **more},
    )


def _scuba(dataset: str, ann_file: str | None, fps: int) -> dict[str, Source]:
    """Clips before three kinds of background, moving and still (SCUFO).

    Lists are ``filelist/scuba/{ucf101,kinetics}/test.csv`` of DEVIAS.
    """
    return {
        f'{dataset}_{kind}_{background}': Source(
            ann_file,
            f'scuba/{dataset}_{background}',
            _kinetics(dataset),
            'SCUBADataset',
            dict(fps=fps, scufo=kind == 'scufo'),
        )
        for kind in ('scuba', 'scufo')
        for background in ('places365', 'vqgan', 'stripe')
    }


def _hat(
    dataset: str, fps: int, swaps: Mapping[str, str]
) -> dict[str, Source]:
    """Swap lists, pickles of HAT or DEVIAS, and ``list.csv`` of DEVIAS."""
    lists = {
        f'{variant}_{seed}': (variant, f'actionswap_{file}_{seed}')
        for variant, file in swaps.items()
        for seed in (1, 2, 3)
    }
    lists |= {v: (v, 'list') for v in ('scene_only', 'human_only')}
    return {
        f'{dataset}_hat_{name}': Source(
            f'hat/{dataset}/{file}.csv',
            f'hat/{dataset}',
            _kinetics(dataset),
            'HATDataset',
            dict(fps=fps, variant=variant),
        )
        for name, (variant, file) in lists.items()
    }


_FOLDERS = dict(k400='k400', hmdb51='hmdb', ucf101='ucf', ssv2='ssv2')
_SWAPS = dict(random='rand', close='close', far='far')

SOURCES: dict[str, Source] = {
    **{
        f'k400_{part}': Source(
            f'kinetics400/kinetics400_{part}_list_videos.txt',
            f'kinetics400/videos_{part}',
            'kinetics400',
        )
        for part in ('train', 'val')
    },
    'k400_tiny': _split('k400', 'k400_splits/train_tiny.txt'),
    'ucf101': _split_1('ucf101'),  # 13,320 videos
    'hmdb51': _split_1('hmdb51'),  # 5,100 videos, 100 of each class
    **{
        f'{dataset}_ep1_{draw}': _split_1(
            dataset,
            classnames=f'{dataset}_ep1_{draw}',
            arguments=dict(list_classnames=dataset),
        )
        for dataset in ('ucf101', 'hmdb51')
        for draw in range(10)
    },
    **{
        f'{dataset}_val{k}': _split(
            dataset, f'{_FOLDERS[dataset]}_splits/val{k}.txt'
        )
        for dataset in ('hmdb51', 'ucf101')
        for k in (1, 2, 3)
    },
    'ssv2_val1': _split('ssv2', 'ssv2_splits/validation.txt'),  # the only one
    **{
        f'{dataset}_fs': _split(
            dataset,
            f'{_FOLDERS[dataset]}_splits/train1_few_shot_{{shots}}.txt',
        )
        for dataset in ('hmdb51', 'ucf101', 'ssv2')
    },
    **{
        f'{dataset}_{name}': _split(
            dataset,
            f'base2novel_splits/{folder}_splits/{file}.txt',
            f'{_kinetics(dataset)}_{name.partition("_")[0]}',
        )
        for dataset, folder in _FOLDERS.items()
        for name, file in dict(
            base_fs='fs_base_s{draw}_train', base='base_val', novel='novel_val'
        ).items()
    },
    **{
        f'k600_split{k}': _split(
            'k600',
            f'k600_splits/ZS_split{k}_K600_eval.txt',
            f'kinetics600_split{k}',
        )
        for k in (1, 2, 3)
    },
    # K600's validation videos are another family of lists, Open-VCLIP's.
    **{
        f'k600_val_split{k}': Source(
            f'kinetics600/k600_split{k}/test.csv',
            'kinetics600',
            f'kinetics600_split{k}',
        )
        for k in (1, 2, 3)
    },
    **{
        name: _split(
            name, f'temporal_static_splits/{file}.txt', _kinetics(name)
        )
        for name, file in dict(
            k400_temporal32='k400_splits/val_temporal32',
            k400_static32='k400_splits/val_static32',
            ssv2_temporal18='ssv2_splits/validation_temporal18',
            ssv2_static16='ssv2_splits/validation_static16',
        ).items()
    },
    **_scuba('ucf101', 'scuba/ucf101.txt', fps=25),
    **_scuba('hmdb51', None, fps=30),  # no public list: all clips count
    **_scuba('k400', 'scuba/k400.txt', fps=15),
    **_hat('ucf101', 25, _SWAPS),
    **_hat('k400', 30, {**_SWAPS, 'same': 'same'}),
    'msrvtt_1k': Source(
        'msrvtt/MSRVTT_JSFUSION_test.csv',
        'msrvtt/videos',
        None,
        'CaptionDataset',
    ),
    **{
        f'mini_{name}': Source(
            f'mini/annotations/seed{{draw}}/{name}.txt',
            'mini/videos',
            f'mini/{name.partition("_")[0]}.txt',
        )
        for name in (
            'known_train',
            'known_ic',
            'known_ooc',
            'novel_ic',
            'novel_ooc',
        )
    },
}
"""Name to source."""

_ROOTS = {'SCUBADataset': 'scuba_root', 'HATDataset': 'hat_root'}


def source_arguments(
    source: str,
    shots: int | None = None,
    draw: int | None = None,
    names: str | None = None,
    data_root: str | os.PathLike | None = None,
) -> dict[str, Any]:
    """Return what a source stands for, as the config of a data set.

    Args:
        source: A key of :data:`SOURCES`.
        shots: Videos of each class, for few-shot lists.
        draw: Which draw of the videos: 1..3 for base-to-novel lists, the
            seed for ``mini_*``.
        names: ``'llm'`` takes class names that a language model has
            rephrased, from ``labels/labels_froster``; ``'folders'`` those of
            UCF101 as its folders spell them (``ApplyEyeMakeup``), as X-CLIP
            and ViFi-CLIP do, and of others the usual ones.
        data_root: Folder of all data; None: ``MMOVAR_DATA``, else ``data``.

    Returns:
        ``type`` and arguments of the class that reads it.

    Raises:
        ValueError: If the source is unknown, needs an argument that is not
            given or has no use for one that is, or a placeholder such as
            ``'{shots}'`` was not filled in.
    """
    given = dict(shots=shots, draw=draw)
    for value in (source, names, data_root, *given.values()):
        if isinstance(value, str) and '{' in value:
            raise ValueError(
                f'{value!r} stands for an option of the config, and nothing '
                'has filled it in: use OpenVocabularyTrainLoop, '
                'OpenVocabularyValLoop and BenchmarkTestLoop, or call '
                'mmovar.engine.fill_options on the config first'
            )
    if source not in SOURCES:
        raise ValueError(
            f'source {source!r} is none of {sorted(SOURCES)}, nor a dict with '
            'the path of a folder or a csv of your own'
        )
    found = SOURCES[source]
    lists = found.ann_file
    for key, value in given.items():
        if (f'{{{key}}}' in str(lists)) != (value is not None):
            raise ValueError(
                f'source {source!r} '
                + (f'needs {key}' if value is None else f'has no {key}')
                + f', got {key}={value!r}'
            )
    if isinstance(lists, str):
        lists = lists.format(**given)
    folder = {_ROOTS.get(found.type, 'video'): found.videos}
    return dict(
        type=found.type,
        data_root=os.fspath(
            data_root or os.environ.get(DATA_VARIABLE, 'data')
        ),
        ann_file=lists,
        classnames=_names_of(found.classnames, names),
        **(dict(data_prefix=folder) if 'video' in folder else folder),
        **found.arguments,
    )


def _names_of(classnames: str | None, names: str | None) -> str | None:
    """Choose the class names of a source."""
    if names is None:
        return classnames
    built_in = str(classnames)
    if names == 'folders':
        camel = built_in.startswith('ucf101')
        return f'{built_in}:camel' if camel else classnames
    if names == 'llm':
        if match := re.fullmatch(r'kinetics600_(split\d)', built_in):
            return f'labels/labels_froster/ZS_{match[1]}_K600_llm.json'
        if match := re.fullmatch(r'(kinetics|hmdb|ucf)(\d+)(_\w+)?', built_in):
            word, number, half = match.groups(default='')
            file = f'{word}_{number}{half}_llm_labels'
            return f'labels/labels_froster/{file}.json'
    raise ValueError(
        "names must be None, 'folders' or 'llm' (of Kinetics, HMDB51 and "
        f'UCF101), got '
        f'{names!r} for {classnames!r}'
    )


def resolve_source(config: Mapping[str, Any]) -> dict[str, Any]:
    """Replace the ``source`` of a dataset config by what it stands for.

    Args:
        config: Of a data set. One without ``source``, or with a folder or
            file of one's own, is returned as it is.

    Returns:
        A config whose ``type`` reads the source. Its own ``classnames``, if
        it has them, stay.
    """
    if not isinstance(config.get('source'), str):
        return dict(config)
    options = ('source', 'shots', 'draw', 'names', 'data_root')
    plain = {k: v for k, v in config.items() if k not in options}
    given = {key: config[key] for key in options if key in config}
    resolved = source_arguments(**given)
    if resolved['classnames'] is None or 'classnames' in plain:
        del resolved['classnames']
    return {**plain, **resolved}
