"""Let a pipeline that was written for video files read other frames."""

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from mmengine.logging import print_log

_STOCK = ('Decord', 'OpenCV', 'PyAV')
_OPEN = ('VideoInit', 'OpenFrames', *(f'{name}Init' for name in _STOCK))
_READ = ('VideoDecode', 'ReadFrames', *(f'{name}Decode' for name in _STOCK))

Step = dict | Callable


def read_frame_folders(
    pipeline: Sequence[Step], opened: Mapping, read: Sequence[Mapping]
) -> list[Step]:
    """Replace the two steps that open and decode a video file.

    A config says once how its videos are sampled and cropped; test sets of
    frame folders share these steps with all others.

    Args:
        pipeline: Steps, with ``VideoInit`` and ``VideoDecode`` (or those of
            MMAction2) among them.
        opened: Step in place of the first, whose decoder it takes over.
        read: Steps in place of the second.

    Raises:
        ValueError: If the pipeline does not have one of each.
    """
    types = [
        step.get('type') if isinstance(step, Mapping) else None
        for step in pipeline
    ]
    for names in (_OPEN, _READ):
        if sum(kind in names for kind in types) != 1:
            raise ValueError(
                f'the pipeline must have one of {names}, to be replaced; '
                f'its steps are {types}'
            )
    steps: list[Step] = []
    for kind, step in zip(types, pipeline, strict=True):
        if isinstance(step, Mapping) and kind in _OPEN:
            taken = {key: step[key] for key in step if key == 'decoder'}
            if opened['type'] == 'OpenPacked':  # decodes no video
                taken = {}
            steps.append({**opened, **taken})
        elif kind in _READ:
            steps += map(dict, read)
        else:
            steps.append(step)
    return steps


@cache
def warn_of_inexact_decoding(kind: str) -> None:
    """Say once what is wrong with a step of MMAction2 that opens videos."""
    wrong = {
        'DecordInit': 'other frames than asked for, where B frames lie in old '
        'containers (HMDB51); endless decoding or a still picture of clips '
        'cut without encoding; crashes at damaged files',
        'OpenCVInit': 'other frames than asked for after a seek',
        'PyAVInit': 'all frames of a video in memory',
    }[kind]
    print_log(
        f'{kind} of MMAction2 in a pipeline means: {wrong}. VideoInit and '
        'VideoDecode in its place give the frames that a player shows',
        logger='current',
        level=logging.WARNING,
    )
