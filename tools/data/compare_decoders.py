"""Count the frames that decord reads wrong, of those that a config samples.

    python tools/data/compare_decoders.py /data/hmdb51/videos
    python tools/data/compare_decoders.py VIDEOS --config CONFIG --videos 200

Frame i is the i-th picture that a player shows. decord, which MMAction2 and
most code of the field use, seeks inexactly where B frames lie in old
containers (HMDB51), so older numbers stand on other frames than they say. The
same frames are asked of both, decord in a process of its own.
"""

import argparse
import io
import multiprocessing
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mmaction.registry import TRANSFORMS
from tqdm import tqdm

from mmovar.apis.config import load_config
from mmovar.apis.inference import inference_pipeline
from mmovar.command_line import ArgumentParser, run
from mmovar.datasets.io.clip_folders import find_clips
from mmovar.datasets.io.unreadable import is_unreadable
from mmovar.datasets.io.video_locator import is_video_name

ROUNDING = 2.0
"""Mean difference of grey levels that decoders of one picture may have."""


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('folder', type=Path, help='folder of videos')
    parser.add_argument(
        '--config',
        default='configs/open_vclip/k400_zs.py',
        help='its test samples the frames (default: %(default)s)',
    )
    parser.add_argument(
        '--videos', type=int, default=100, help='evenly spread; -1: all'
    )
    parser.add_argument(
        '--timeout', type=float, default=60, help='seconds for decord a video'
    )
    return parser.parse_args(argv)


def read_exactly(
    video: str, steps: Sequence[Any]
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return the sampled indices and their frames."""
    results = dict(filename=video, start_index=0, modality='RGB')
    for step in steps:
        results = step(results)
    return results['frame_inds'], results['imgs']


def count_wrong(
    video: str, indices: np.ndarray, frames: list[np.ndarray], out: Any
) -> None:
    """Send how many frames decord gives differ, as MMAction2 asks it."""
    import decord

    try:
        content = io.BytesIO(Path(video).read_bytes())
        reader = decord.VideoReader(content, num_threads=1)
        last = len(reader) - 1
        images = reader.get_batch(np.minimum(indices, last)).asnumpy()
    except Exception as error:
        out.send(' '.join(str(error).split())[:100])
        return
    out.send(
        sum(
            a.shape != b.shape or np.abs(a - b.astype(float)).mean() > ROUNDING
            for a, b in zip(images, frames, strict=True)
        )
    )


def ask_decord(
    video: str, indices: np.ndarray, frames: list[np.ndarray], timeout: float
) -> int | str:
    """Return how many frames are wrong, or why there is no answer."""
    context = multiprocessing.get_context('fork')
    answer, out = context.Pipe(duplex=False)
    process = context.Process(
        target=count_wrong, args=(video, indices, frames, out), daemon=True
    )
    process.start()
    out.close()
    try:
        found = answer.recv() if answer.poll(timeout) else 'never returns'
    except EOFError:
        found = 'crashes'
    process.kill()
    process.join()
    return found


def main(argv: list[str] | None = None) -> int:
    """Compare the decoders as the command line says; return the exit code."""
    args = parse_args(argv)
    pipeline = inference_pipeline(load_config(args.config))
    last = next(
        i for i, step in enumerate(pipeline) if step['type'] == 'VideoDecode'
    )
    steps = [TRANSFORMS.build(step) for step in pipeline[: last + 1]]
    videos = [path for path in find_clips(args.folder) if is_video_name(path)]
    if not videos:
        raise FileNotFoundError(f'no video in {args.folder}')
    step = 1 if args.videos < 0 else max(1, len(videos) // args.videos)
    wrong, total, other = Counter[str](), 0, {}
    for video in tqdm(videos[::step], disable=None):
        try:
            indices, frames = read_exactly(video, steps)
        except Exception as error:
            if not is_unreadable(error):
                raise
            other[video] = f'unreadable: {error}'
            continue
        found = ask_decord(video, indices, frames, args.timeout)
        if isinstance(found, str):
            other[video] = f'decord: {found}'
            continue
        total += len(frames)
        wrong[video] += found
    print(
        f'decord gives another picture for {wrong.total()} of {total} frames, '
        f'in {sum(map(bool, wrong.values()))} of {len(wrong)} videos'
    )
    for video, count in wrong.most_common(10):
        if count:
            print(f'  {video}: {count} frames')
    for video, reason in sorted(other.items()):
        print(f'  {video}: {reason}')
    return 0


if __name__ == '__main__':
    run(main)
