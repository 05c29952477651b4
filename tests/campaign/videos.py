"""Damage video files, and read them as training and testing do."""

import pickle
import random
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from imageio_ffmpeg import get_ffmpeg_exe
from mmengine.dataset import Compose
from mmengine.registry import init_default_scope

from helpers.clips import write_film

from .damage import DAMAGES
from .outcome import Outcome
from .process import run

FILMS = {
    'h264.mp4': ('-c:v', 'libx264', '-pix_fmt', 'yuv420p'),
    'hevc.mov': ('-c:v', 'libx265', '-tag:v', 'hvc1'),
    'h264.mkv': ('-c:v', 'libx264', '-g', '12'),
    'xvid.avi': ('-c:v', 'mpeg4', '-vtag', 'XVID', '-bf', '2'),
    'divx.avi': ('-c:v', 'mpeg4', '-vtag', 'DX50'),
    'mjpeg.avi': ('-c:v', 'mjpeg'),
    'vp9.webm': ('-c:v', 'libvpx-vp9', '-deadline', 'realtime'),
    'vp8.webm': ('-c:v', 'libvpx', '-deadline', 'realtime'),
    'mpeg2.mpg': ('-c:v', 'mpeg2video'),
    'h264.ts': ('-c:v', 'libx264'),
    'h264.flv': ('-c:v', 'libx264'),
    'wmv2.wmv': ('-c:v', 'wmv2'),
}
"""Originals, 100 frames each, and what ffmpeg encodes them with."""

CUTS = 20
LAST_READ = 54  # the middle eight of 100 frames


def videos(
    folder: Path, rng: random.Random, share: float
) -> Iterator[Outcome]:
    """Damage and read; a frame that is not the original's must be told."""
    originals = [
        write_film(folder / name, *options, size='160x120')
        for name, options in FILMS.items()
    ]
    whole = {path: read(path) for path in originals}
    for damage, count in DAMAGES.items():
        kind = damage.__name__.replace('_', ' ')
        for number in range(round(count * share)):
            path = rng.choice(originals)
            broken = folder / f'{damage.__name__}{number}_{path.name}'
            broken.write_bytes(damage(bytearray(path.read_bytes()), rng))
            verdict, why = judge(read(broken), whole[path])
            if verdict == 'silently wrong' and plays(broken, LAST_READ):
                verdict = 'no sign'
            yield Outcome('videos', kind, verdict, f'{broken.name}: {why}')
    cuttable = [p for p in originals if p.suffix in ('.mp4', '.mov', '.mkv')]
    for number in range(round(CUTS * share)):
        path = rng.choice(cuttable)
        cut = folder / f'cut{number}_{path.name}'
        copy_part(path, cut, rng.uniform(0.1, 3), rng.uniform(0.3, 1))
        verdict, why = judge(read(cut), Frames(*shown(cut)))
        yield Outcome('videos', 'copied part', verdict, f'{cut.name}: {why}')


@dataclass
class Frames:
    """What was read of a video.

    Attributes:
        total: Frames of the file.
        frames: Some, by number.
        error: Why there are none.
        damage: What is told to be wrong.
    """

    total: int = 0
    frames: dict[int, np.ndarray] = field(default_factory=dict)
    error: str = ''
    damage: str = ''
    code: int = 0


def read(path: Path) -> Frames:
    """Read eight frames of a file as pipelines do, in another process."""
    place = path.with_name(f'{path.name}.read')
    place.mkdir()

    def work() -> None:
        init_default_scope('mmaction')
        pipeline = Compose(
            [
                dict(type='VideoInit'),
                dict(type='SampleFrames', clip_len=8, test_mode=True),
                dict(type='VideoDecode'),
            ]
        )
        try:
            given = pipeline(dict(filename=str(path), start_index=0))
        except OSError as error:
            found = Frames(error=str(error))
        else:
            numbers = given['frame_inds'].tolist()
            frames = dict(zip(numbers, given['imgs'], strict=True))
            total, damage = given['total_frames'], given['damage']
            found = Frames(total, frames, damage=damage)
        (place / 'found').write_bytes(pickle.dumps(found))

    end = run(work, place, limit=100)
    if end.code:
        return Frames(code=end.code, error=end.log)
    return pickle.loads((place / 'found').read_bytes())


def judge(found: Frames, expected: Frames) -> tuple[str, str]:
    """Say what a read came to, and what is wrong with it."""
    if found.code == -signal.SIGKILL:
        return 'hang', found.error
    if found.code < 0:
        return 'crash', signal.Signals(-found.code).name
    if found.code:
        return 'unclear', found.error.strip().splitlines()[-1]
    if found.error:
        return 'named', found.error
    if found.damage:
        return 'named', found.damage
    if found.total != expected.total:
        why = f'{found.total} frames in place of {expected.total}'
        return 'silently wrong', why
    others = [
        number
        for number, frame in found.frames.items()
        if number in expected.frames
        and not np.array_equal(frame, expected.frames[number])
    ]
    if others:
        return 'silently wrong', f'frames {others} are others'
    return 'right', ''


def copy_part(path: Path, out: Path, start: float, seconds: float) -> None:
    """Cut without encoding; an edit list hides what comes before."""
    options = ('-t', f'{seconds}', '-c', 'copy', '-avoid_negative_ts', '0')
    command = ('-ss', f'{start}', '-i', str(path), *options, str(out))
    subprocess.run([get_ffmpeg_exe(), '-v', 'error', *command], check=True)


def plays(path: Path, frames: int) -> bool:
    """Return whether ffmpeg finds nothing wrong with the first frames."""
    command = [get_ffmpeg_exe(), '-v', 'error', '-i', str(path)]
    done = subprocess.run(
        [*command, '-frames:v', str(frames), '-f', 'null', '-'],
        stderr=subprocess.PIPE,
        check=False,
    )
    return not done.stderr


def shown(path: Path) -> tuple[int, dict[int, np.ndarray]]:
    """Return number and pictures of a file as ffmpeg plays it."""
    done = subprocess.run(
        [
            *(get_ffmpeg_exe(), '-v', 'error', '-i', str(path)),
            *('-fps_mode', 'passthrough', '-f', 'rawvideo'),
            *('-pix_fmt', 'rgb24', '-'),
        ],
        stdout=subprocess.PIPE,
        check=True,
    )
    pictures = np.frombuffer(done.stdout, np.uint8).reshape(-1, 120, 160, 3)
    return len(pictures), dict(enumerate(pictures))
