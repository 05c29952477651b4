"""Let a pipeline that was written for video files read frame folders."""

from collections.abc import Callable, Mapping, Sequence

_OPEN = ('DecordInit', 'OpenCVInit', 'PyAVInit', 'OpenFrames')
_READ = ('DecordDecode', 'OpenCVDecode', 'PyAVDecode', 'ReadFrames')

Step = dict | Callable


def read_frame_folders(
    pipeline: Sequence[Step], opened: Mapping, read: Sequence[Mapping]
) -> list[Step]:
    """Replace the two steps that open and decode a video file.

    A config says once how its videos are sampled and cropped; test sets of
    frame folders share these steps with all others.

    Args:
        pipeline: Steps, with ``DecordInit`` and ``DecordDecode`` (or those of
            OpenCV or PyAV) among them.
        opened: Step in place of the first.
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
                f'the pipeline must have one of {names}, to be replaced for '
                f'folders of frames, its steps are {types}'
            )
    steps: list[Step] = []
    for kind, step in zip(types, pipeline, strict=True):
        if kind in _OPEN:
            steps.append(dict(opened))
        elif kind in _READ:
            steps += map(dict, read)
        else:
            steps.append(step)
    return steps
