"""Videos that were packed as JPEG frames, read by random access."""

import json
import mmap
import os
import posixpath
import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

import numpy as np

from mmovar.stamp import NAME as SETTINGS

from .frame_source import decode_image
from .video_locator import StemIndex

INDEX, SHARD = 'index.tsv', 'shard_{:05d}.tar'
"""A video a line, and the frames."""


class PackedStore:
    """A folder that ``tools/data/pack.py`` has written.

    ``shard_*.tar`` hold the frames, a member ``{video}.mjpeg`` for each video,
    and ``index.tsv`` has a line for each: its name, a tab and, in JSON, its
    ``frames`` (how many the video has) and ``fps``, ``positions`` (which
    frames are stored), ``shard``, ``offset``, ``sizes`` and ``crc32`` of
    their JPEG files, or the ``error`` of a video that cannot be read.

    Names are paths from the data root on. A path is looked up by its end, so
    the root may have moved and the videos need not be on disk.

    Args:
        folder: The store.

    Raises:
        FileNotFoundError: If the folder is no store.
        ValueError: If its packing has not come to an end.
    """

    def __init__(self, folder: str | os.PathLike) -> None:
        self.folder = Path(folder)
        try:
            text = (self.folder / SETTINGS).read_text(encoding='utf-8')
        except OSError as error:
            raise FileNotFoundError(
                f'{folder} is no store of packed videos ({error.strerror}: '
                f'{SETTINGS}); tools/data/pack.py makes them'
            ) from None
        self.settings: dict[str, Any] = json.loads(text)
        with (self.folder / INDEX).open('rb') as file:
            # Not read: processes share its pages, however they were started.
            self._index = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._places: dict[str, int] = {}
        while line := self._index.readline():
            name = line.partition(b'\t')[0]
            self._places[json.loads(name)] = self._index.tell() - len(line)
        if len(self) != self.settings['videos']:
            raise ValueError(
                f'{folder}: {len(self)} of {self.settings["videos"]} videos '
                'are packed; let tools/data/pack.py end, or start it again'
            )
        self._shards: dict[int, IO[bytes]] = {}

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[str]:
        """Yield the names of all videos."""
        return iter(self._places)

    def entry(self, name: str) -> dict[str, Any]:
        """Return what the index says of a video."""
        start = self._places[name]
        line = self._index[start : self._index.find(b'\n', start)]
        return json.loads(line.partition(b'\t')[2])

    def open(self, path: str | os.PathLike) -> 'PackedVideo':
        """Open a video by its path, which need not exist.

        Raises:
            OSError: If it is not in the store, or could not be packed.
        """
        name = self._name(path)
        if name is None:
            raise FileNotFoundError(f'{path} is not in store {self.folder}')
        entry = self.entry(name)
        if 'error' in entry:
            raise OSError(f'{path} was not packed: {entry["error"]}')
        return PackedVideo(self, name, entry)

    def locate(
        self, paths: Sequence[str], folder: str | os.PathLike
    ) -> list[str]:
        """Complete the paths of a list, as :func:`locate_videos` does on disk.

        Args:
            paths: Paths as the list has them, relative to ``folder``.
            folder: Folder of the videos, which need not exist.

        Returns:
            One path for each, such as :meth:`open` takes. A video that the
            store lacks has the path of the list.

        Raises:
            FileNotFoundError: If the store has none of them.
        """
        joined = [os.path.join(folder, path) for path in paths]
        absent = [path for path in joined if self._name(path) is None]
        if not absent:
            return joined
        below = next(filter(None, map(self._below, _ends(folder))), [])
        index = StemIndex(os.path.join(folder, name) for name in below)
        moved = {path: index.find(path) for path in absent}
        if len(absent) == len(paths) and not any(moved.values()):
            raise FileNotFoundError(
                f'none of the {len(paths)} videos of the list is in store '
                f'{self.folder}: the list starts with {joined[0]!r}, the '
                f'store holds {len(self)} such as {next(iter(self), None)!r}'
            )
        return [moved.get(path) or path for path in joined]

    def read(self, shard: int, offset: int, size: int) -> bytes:
        """Read bytes of a shard; safe in threads and forked workers."""
        if shard not in self._shards:
            path = self.folder / SHARD.format(shard)
            self._shards[shard] = path.open('rb', buffering=0)
        return os.pread(self._shards[shard].fileno(), size, offset)

    def _name(self, path: str | os.PathLike) -> str | None:
        """Return the name of a video by its path, the longest that fits."""
        return next((end for end in _ends(path) if end in self._places), None)

    def _below(self, base: str) -> list[str]:
        """Return the names below a folder, from there on."""
        start = f'{base}/'
        return [n.removeprefix(start) for n in self if n.startswith(start)]


class PackedVideo:
    """Frames of a packed video; it is a ``VideoSource``.

    Its length is that of the video. Where a frame is not stored the nearest
    one that is takes its place, the earlier of two.

    Args:
        store: Where it is.
        name: Of the video.
        entry: Of the index.
    """

    def __init__(
        self, store: PackedStore, name: str, entry: dict[str, Any]
    ) -> None:
        self._store, self._name, self._entry = store, name, entry
        self.fps: float | None = entry['fps']
        self.width, self.height = entry['size']
        self.damage: str = entry['damage']
        self.hidden = 0
        self.positions: list[int] = entry['positions']
        """The frames that are stored."""
        sizes = entry['sizes']
        ends = entry['offset'] + np.cumsum(sizes)
        self._spans = list(zip((ends - sizes).tolist(), sizes, strict=True))

    def __len__(self) -> int:
        return self._entry['frames']

    def read(self, indices: Sequence[int]) -> list[np.ndarray]:
        """Read frames, RGB uint8 (H, W, 3); a repeated one once.

        Raises:
            IndexError: If the video has no such frame.
            OSError: If the bytes of a frame are not those that were packed.
        """
        wanted = np.asarray(indices)
        if wanted.size and not 0 <= wanted.min() <= wanted.max() < len(self):
            raise IndexError(
                f'{self._name} has {len(self)} frames, not {indices}'
            )
        at = np.asarray(self.positions)
        near = np.searchsorted((at[1:] + at[:-1]) / 2, wanted).tolist()
        frames = {
            number: decode_image(
                np.frombuffer(self.jpeg(number), np.uint8), self._name
            )
            for number in set(near)
        }
        return [frames[number] for number in near]

    def jpeg(self, number: int) -> bytes:
        """Return a stored frame as a JPEG file, counted among the stored.

        Raises:
            OSError: If it is not what was packed.
        """
        shard = self._entry['shard']
        jpeg = self._store.read(shard, *self._spans[number])
        if zlib.crc32(jpeg) != self._entry['crc32'][number]:
            raise OSError(
                f'{self._name}: frame {self.positions[number]} in '
                f'{self._store.folder / SHARD.format(shard)} has a wrong '
                'checksum'
            )
        return jpeg


def open_store(folder: str | os.PathLike) -> PackedStore:
    """Open a store, once a process as long as it does not change."""
    path = os.path.abspath(folder)
    try:
        stat = os.stat(os.path.join(path, INDEX))
    except OSError:  # the store says what is wrong
        return PackedStore(path)
    return _open_once(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=8)
def _open_once(path: str, *version: int) -> PackedStore:
    return PackedStore(path)


def _ends(path: str | os.PathLike) -> Iterator[str]:
    """Yield a path, then without its first folder, and so on."""
    rest = posixpath.normpath(os.fspath(path)).lstrip('/')
    while rest:
        yield rest
        rest = rest.partition('/')[2]
