"""Pack videos as JPEG frames, so that training need not decode video."""

import json
import math
import os
import tarfile
import zlib
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

import numpy as np

from mmovar.atomic_write import write_text
from mmovar.stamp import check_stamp

from ..io.frame_source import decode_image
from ..io.open_video import open_video
from ..io.packed_store import INDEX, SHARD, PackedStore
from ..io.unreadable import is_unreadable

ABOUT = 'about.json'
"""Source and versions, of the first start."""

_SHARD_BYTES = 2**30
_GROUP = 32  # videos between two waits for the disk
_CHUNK_BYTES = 128 * 2**20  # of decoded frames at once
_BEST_PSNR = 99.0


@dataclass(frozen=True)
class PackSettings:
    """Which frames are stored, and how.

    Args:
        frames: Store so many, evenly spread (the centres of equal parts), or
            all of a shorter video.
        stride: Store every so many-th frame instead, from the first on;
            ``frames`` is None then.
        short_side: Frames are made smaller to it, never larger; in pixels.
        quality: Of JPEG, 1 to 100.
        decoder: See :func:`open_video`.

    Raises:
        ValueError: If a number is out of range, or not one of ``frames`` and
            ``stride`` is given.
    """

    frames: int | None = 32
    stride: int | None = None
    short_side: int = 256
    quality: int = 90
    decoder: str = 'pyav'

    def __post_init__(self) -> None:
        if (self.frames is None) == (self.stride is None):
            raise ValueError('give either frames or stride')
        for name in ('frames', 'stride', 'short_side', 'quality'):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f'{name} must be >= 1, got {value}')
        if self.quality > 100:
            raise ValueError(f'quality must be <= 100, got {self.quality}')

    def positions(self, total: int) -> list[int]:
        """Choose among the frames of a video."""
        if self.stride is not None:
            return list(range(0, total, self.stride))
        count = min(self.frames or 0, total)
        return [(2 * i + 1) * total // (2 * count) for i in range(count)]


def pack(
    videos: Mapping[str, str],
    folder: str | os.PathLike,
    settings: PackSettings,
    about: Mapping[str, Any],
    workers: int = 1,
) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Write a store, or go on with one that was interrupted.

    The bytes of the store follow from videos and settings: those of a packing
    that was killed and started again are the same.

    Args:
        videos: Name in the store to file, in their order.
        folder: The store; made if need be.
        settings: Must be those of the store, if it is there.
        about: Noted in the store: source and versions.
        workers: Videos that are decoded at once.

    Yields:
        Name and entry of each video, and whether it was packed now.

    Raises:
        ValueError: If the store has other videos or settings.
    """
    writer = StoreWriter(folder, list(videos), settings, about)
    yield from ((name, entry, False) for name, entry in writer.packed)
    todo = islice(videos.items(), len(writer.packed), None)
    waiting: deque[tuple[str, Future]] = deque()
    with ThreadPoolExecutor(max(1, workers)) as pool:
        try:
            while True:
                for name, file in islice(todo, 2 * workers - len(waiting)):
                    task = pool.submit(encode, file, settings)
                    waiting.append((name, task))
                if not waiting:
                    break
                name, task = waiting.popleft()
                yield name, writer.add(name, *task.result()), True
        finally:
            for _, task in waiting:
                task.cancel()
            writer.close()


def encode(file: str, settings: PackSettings) -> tuple[dict, list[bytes]]:
    """Decode a video and compress its frames; in the worker threads.

    Returns:
        The part of its index entry that does not depend on the place, and
        JPEG files. Of a video that cannot be read the reason, and no file.
    """
    try:
        video = open_video(file, settings.decoder)
        positions = settings.positions(len(video))
        step = max(1, _CHUNK_BYTES // (3 * video.width * video.height))
        jpegs: list[bytes] = []
        for start in range(0, len(positions), step):
            for frame in video.read(positions[start : start + step]):
                small = _shrink(frame, settings.short_side)
                jpegs.append(_compress(small, settings.quality))
                if len(jpegs) == (len(positions) + 1) // 2:
                    psnr = _psnr(small, jpegs[-1])
    except Exception as error:
        if not is_unreadable(error):
            raise
        return dict(error=' '.join(str(error).split())), []
    return dict(
        frames=len(video),
        fps=video.fps,
        size=[small.shape[1], small.shape[0]],
        positions=positions,
        damage=video.damage,
        psnr=psnr,
    ), jpegs


def _shrink(frame: np.ndarray, short_side: int) -> np.ndarray:
    import cv2

    height, width = frame.shape[:2]
    scale = short_side / min(height, width)
    if scale >= 1:
        return frame
    size = round(width * scale), round(height * scale)
    return cv2.resize(frame, size, interpolation=cv2.INTER_AREA)


def _compress(frame: np.ndarray, quality: int) -> bytes:
    import cv2

    bgr = cv2.cvtColor(frame, cv2.COLOR_RGB2BGR)
    settings = [cv2.IMWRITE_JPEG_QUALITY, quality]
    return cv2.imencode('.jpg', bgr, settings)[1].tobytes()


def _psnr(frame: np.ndarray, jpeg: bytes) -> float:
    """Compute the peak signal-to-noise ratio, dB."""
    image = decode_image(np.frombuffer(jpeg, np.uint8), 'a packed frame')
    error = np.square(frame - image.astype(np.float64)).mean()
    if not error:
        return _BEST_PSNR
    return round(min(10 * math.log10(255**2 / error), _BEST_PSNR), 2)


class StoreWriter:
    """Appends videos to a store.

    A video counts when its line of the index is written, after its frames are
    on the disk; what a killed process has written beyond is cut off.

    Args:
        folder: The store.
        names: Of all its videos.
        settings: As in :func:`pack`.
        about: As in :func:`pack`.

    Raises:
        ValueError: If the store has other videos or settings, or is damaged.
    """

    def __init__(
        self,
        folder: str | os.PathLike,
        names: list[str],
        settings: PackSettings,
        about: Mapping[str, Any],
    ) -> None:
        self._folder = Path(folder)
        order = zlib.crc32(json.dumps(names).encode())
        check_stamp(
            self._folder,
            dict(asdict(settings), videos=len(names), videos_crc32=order),
        )
        if not (self._folder / ABOUT).exists():
            write_text(self._folder / ABOUT, f'{json.dumps(about)}\n')
        self._index = (self._folder / INDEX).open('a+b')
        self.packed = self._read_index()
        """Name and entry of the videos that are there."""
        self._number, self._end = 0, 0
        for _, entry in self.packed:
            if 'error' not in entry:
                self._number = entry['shard']
                self._end = _padded(entry['offset'] + sum(entry['sizes']))
        self._shard = self._open_shard()
        self._lines: list[bytes] = []

    def add(
        self, name: str, entry: dict[str, Any], jpegs: list[bytes]
    ) -> dict[str, Any]:
        """Append a video; return its entry of the index."""
        if jpegs:
            if self._end >= _SHARD_BYTES:
                self._close_shard()
                self._number, self._end = self._number + 1, 0
                self._shard = self._open_shard()
            data = b''.join(jpegs)
            member = tarfile.TarInfo(f'{name}.mjpeg')
            member.size = len(data)
            header = member.tobuf(tarfile.PAX_FORMAT)
            offset = self._end + len(header)
            self._end = _padded(offset + len(data))
            padding = b'\0' * (self._end - offset - len(data))
            self._shard.write(header + data + padding)
            entry = dict(
                entry,
                shard=self._number,
                offset=offset,
                sizes=list(map(len, jpegs)),
                crc32=list(map(zlib.crc32, jpegs)),
            )
        text = json.dumps(entry, separators=(',', ':'))
        self._lines.append(f'{json.dumps(name)}\t{text}\n'.encode())
        if len(self._lines) >= _GROUP:
            self._commit()
        return entry

    def close(self) -> None:
        """End the last shard as a tar file ends."""
        self._close_shard()
        self._index.close()

    def _read_index(self) -> list[tuple[str, dict[str, Any]]]:
        self._index.seek(0)
        lines = self._index.read().splitlines(keepends=True)
        if lines and not lines[-1].endswith(b'\n'):
            self._index.truncate(sum(map(len, lines[:-1])))
            del lines[-1]
        pairs = (line.partition(b'\t')[::2] for line in lines)
        return [(json.loads(name), json.loads(rest)) for name, rest in pairs]

    def _open_shard(self) -> IO[bytes]:
        """Open the shard that is written to, without what was not counted."""
        for path in self._folder.glob(SHARD.replace('{:05d}', '*')):
            if path.name > SHARD.format(self._number):
                path.unlink()
        shard = (self._folder / SHARD.format(self._number)).open('ab')
        if shard.tell() < self._end:
            raise ValueError(
                f'{shard.name} has {shard.tell()} bytes, {INDEX} says '
                f'{self._end}: it is damaged, pack into another folder'
            )
        shard.truncate(self._end)
        return shard

    def _commit(self) -> None:
        """Let the videos count that were written since the last time."""
        self._shard.flush()
        os.fsync(self._shard.fileno())
        self._index.write(b''.join(self._lines))
        self._index.flush()
        self._lines.clear()

    def _close_shard(self) -> None:
        self._commit()
        self._shard.write(b'\0' * 2 * tarfile.BLOCKSIZE)
        self._shard.close()


def _padded(size: int) -> int:
    return math.ceil(size / tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE


def damaged_videos(store: PackedStore) -> Iterator[tuple[str, str]]:
    """Read a whole store; yield videos with a wrong checksum, and why."""
    for name in store:
        if 'error' in store.entry(name):
            continue
        video = store.open(name)
        try:
            for number in range(len(video.positions)):
                video.jpeg(number)
        except OSError as error:
            yield name, str(error)
