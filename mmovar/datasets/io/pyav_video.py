"""Frames of a video file, decoded by PyAV: exact, and in bounded memory."""

import os
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from .display_matrix import turned
from .promised_frames import missing_frames

_KEPT_BYTES = 64 * 2**20
"""Pictures that stay decoded (YUV) where they are read from the first on."""

_CONTAINERS = ('mov,mp4,m4a,3gp,3g2,mj2', 'matroska,webm')
_CODECS = ('h264', 'hevc', 'vp9', 'av1')
_PROGRESSIVE = (0, 1)
"""AVFieldOrder: unknown, progressive."""

_REMEDY = '; if it plays, re-encode it: ffmpeg -i IN -c:v libx264 OUT.mp4'

_PLACEHOLDER = 8
"""Most bytes of an MPEG-4 packet that only stands for another's picture."""


class PyAVVideo:
    """Frames of a video file: frame i is the i-th picture that a player shows.

    That is the i-th of a read from first to last: in presentation order,
    without the pictures that an edit list hides, turned as the file says.

    Where one packet is one picture with a time of its own (mp4, mov and mkv
    with H.264, HEVC, VP9 or AV1), packets give number and times undecoded.
    :meth:`read` then starts at the key picture before a wanted one, and goes
    on only while each decoded picture has the expected time. All other files,
    and one in which a time differs, are decoded from first to last.

    A picture that packets announce and the decoder does not give is replaced
    by the one before, as players do, and told in :attr:`damage`.

    Args:
        path: The file.

    Raises:
        OSError: If it is no video, or none of its pictures decodes.
    """

    def __init__(self, path: str | os.PathLike) -> None:
        self.path = os.fspath(path)
        self._complaints: list[str] = []
        self._log: list[tuple[int, str, str]] = []
        with self._listen():
            self._begin()

    def _begin(self) -> None:
        """Find out how many frames there are, and how to read them."""
        from av.video.reformatter import VideoReformatter

        self._rewind()
        context = self._stream.codec_context
        self.codec: str = context.codec.canonical_name
        self.container: str = self._container.format.name
        self.width: int = context.width
        self.height: int = context.height
        rate = self._stream.average_rate or self._stream.guessed_rate
        self.fps: float | None = float(rate) if rate else None
        self._reformatter = VideoReformatter()
        self.hidden = self._lost = self._corrupt = 0
        self._times: list[int] = []  # of all frames, if they can be sought
        self._keys: list[tuple[int, int]] = []  # frame, time
        self._order: list[int] = []  # picture of each frame, otherwise
        self._kept: list[Any] | None = None
        self._next = 0
        self._progressive = context.field_order in _PROGRESSIVE
        plain = self.codec in _CODECS and self.container in _CONTAINERS
        if self._progressive and plain:
            self._list_packets()
        if not self._times:
            self._order = list(range(len(self._scan())))
        self._length = len(self._times or self._order)

    def __len__(self) -> int:
        return self._length

    @property
    def seekable(self) -> bool:
        """Whether frames are found by their times."""
        return bool(self._times)

    @property
    def damage(self) -> str:
        """What is wrong with the frames met so far, '' if nothing is."""
        told = []
        if self._lost:
            told.append(f'{self._lost} frames are missing')
        if self._corrupt:
            told.append(f'{self._corrupt} frames are damaged')
        if self._complaints:
            told.append(f'the decoder says: {self._complaints[0]}')
        return ', '.join(told)

    def read(self, indices: Sequence[int]) -> list[np.ndarray]:
        """Read frames, RGB uint8 (H, W, 3), in any order.

        Raises:
            IndexError: If an index is not in [0, number of frames).
            OSError: If nothing can be decoded.
        """
        wanted = sorted({int(index) for index in indices})
        if wanted and not 0 <= wanted[0] <= wanted[-1] < len(self):
            raise IndexError(
                f'{self.path} has {len(self)} frames, asked for '
                f'{wanted[0]} to {wanted[-1]}'
            )
        with self._listen():
            frames = self._frames(wanted)
        return [frames[int(index)] for index in indices]

    def _frames(self, wanted: Sequence[int]) -> dict[int, np.ndarray]:
        """Read sorted frames, by seeking while it is exact."""
        if self._times:
            try:
                return {index: self._seek(index) for index in wanted}
            except _UnexpectedTime:
                self._order = self._fill(self._times, self._scan())
                self._times = []
        pictures = self._linear({self._order[index] for index in wanted})
        return {index: pictures[self._order[index]] for index in wanted}

    def _rewind(self) -> None:
        """Open the file anew: not all containers seek to their start."""
        import av

        try:
            # 'file:': a colon in a name starts no protocol.
            container = av.open(
                f'file:{self.path}',
                options=dict(protocol_whitelist='file'),
                metadata_errors='replace',
            )
        except av.FFmpegError as error:
            reason = ', '.join([str(error.strerror), *self._heard()[:1]])
            raise OSError(
                f'{self.path} is no readable video: {reason}{_REMEDY}'
            ) from error
        except IndexError:  # PyAV, of streams that appear too late
            raise OSError(f'{self.path}: its streams are damaged') from None
        stream: Any = container.streams.best('video')
        if stream is None or stream.codec_context is None:
            what = 'no video stream' if stream is None else 'an unknown codec'
            raise OSError(f'{self.path} has {what}{_REMEDY}')
        stream.thread_count = 1
        self._container, self._stream = container, stream
        self._read, self._small, self._errors = [0, 0], 0, 0
        self._fresh = True
        self._pictures = self._decode()

    @contextmanager
    def _listen(self) -> Iterator[None]:
        """Keep what libav complains about: most damage it conceals else."""
        from av import logging

        if logging.get_level() is None:
            logging.set_level(logging.ERROR)
        logging.set_skip_repeated(False)  # across files, too
        with logging.Capture(local=True) as self._log:
            yield
        self._complaints += self._heard()
        self._log = []

    def _heard(self) -> list[str]:
        """Return what libav complains about at present."""
        from av import logging

        return [
            t.strip() for level, _, t in self._log if level <= logging.ERROR
        ]

    def _packets(self) -> Iterator[Any]:
        """Yield packets to the end, or to where none can be found."""
        import av

        self._fresh = False
        while True:
            try:
                for packet in self._container.demux(self._stream):
                    if packet.is_corrupt:
                        self._complaints.append('a packet is damaged')
                    yield packet
                return
            except IndexError:  # PyAV; the next packet is read all the same
                self._complaints.append('a stream begins in the middle')
            except av.FFmpegError as error:
                self._complaints.append(str(error.strerror))
                yield None  # flushes the decoder, as the last packet does
                return

    def _decode(self) -> Iterator[Any]:
        """Yield pictures to the end; what does not decode is passed over."""
        import av

        for packet in self._packets():
            if packet is not None and packet.size:
                self._read[packet.is_discard] += 1
                self._small += packet.size <= _PLACEHOLDER
            try:
                pictures = self._stream.decode(packet)
            except av.FFmpegError as error:
                self._complaints.append(str(error.strerror))
                self._errors += 1
                continue
            yield from pictures

    def _list_packets(self) -> None:
        """List times and key frames, unless the times are not complete."""
        packets = [
            (packet.pts, packet.is_keyframe, packet.is_discard)
            for packet in self._packets()
            if packet is not None and packet.size
        ]
        times = [pts for pts, *_, hidden in packets if not hidden]
        if not times or None in times or len({*times}) < len(times):
            return
        self._times = sorted(times)
        # A hidden key picture may lie before, or between, those shown.
        self._keys = sorted(
            (bisect_left(self._times, pts), pts)
            for pts, key, _ in packets
            if key and pts is not None
        )
        self.hidden = len(packets) - len(times)
        self._lost = self._missing(len(times), self._times[-1])

    def _missing(self, packets: int, last: int | None) -> int:
        """Count the frames that the header promises beyond the packets."""
        seconds = None if last is None else last * self._stream.time_base
        return missing_frames(
            self._container, self._stream, packets, self.hidden, seconds
        )

    def _seek(self, index: int) -> np.ndarray:
        """Read a frame by its time.

        Raises:
            _UnexpectedTime: If the decoder gives other times than packets.
        """
        import av

        place = bisect_right(self._keys, index, key=lambda key: key[0]) - 1
        if place < 0:
            raise _UnexpectedTime
        key, target = self._keys[place]
        if not self._next <= index or self._next < key or self._next == 0:
            try:
                self._container.seek(target, stream=self._stream)
            except av.FFmpegError:
                raise _UnexpectedTime from None
            self._pictures, self._next = self._decode(), key
        self._log.clear()
        for picture in self._pictures:
            time, due = picture.pts, self._times[self._next]
            # Pictures before the key picture may lack what they refer to.
            if time is not None and time < self._times[key] == due:
                self._log.clear()
                continue
            if time != due or self._heard() or picture.is_corrupt:
                break
            self._next += 1
            if self._next > index:
                return self._to_rgb(picture)
        raise _UnexpectedTime

    def _scan(self) -> list[int | None]:
        """Decode from first to last; return the times of all pictures.

        Raises:
            OSError: If there are none.
        """
        if not self._fresh:
            self._complaints.clear()
            self._log.clear()
            self._rewind()
        times: list[int | None] = []
        self._kept, size, self._corrupt = [], 0, 0
        for picture in self._pictures:
            times.append(picture.pts)
            self._corrupt += picture.is_corrupt
            if self._kept is not None:
                size += sum(plane.buffer_size for plane in picture.planes)
                self._kept.append(picture)
                if size > _KEPT_BYTES:
                    self._kept = None
        if not times:
            raise OSError(
                f'{self.path}: nothing of its {self.codec} video can be '
                f'decoded{_REMEDY}'
            )
        self._next = len(times)
        known = [time for time in times if time is not None]
        # AVI has no times, and ASF none of B frames: libav's own may go back.
        b_frames = self._stream.codec_context.has_b_frames
        timeless = ('avi', 'asf') if b_frames else ('avi',)
        if self.container not in timeless and known != sorted(known):
            self._complaints.append('times go back')
        shown, self.hidden = self._read
        failed = self._errors
        if self._progressive and self.codec != 'vp8':  # a packet, a picture
            failed = max(failed, shown - self._small - len(times))
        self._lost = failed + self._missing(shown, times[-1])
        return times

    def _fill(
        self, times: Sequence[int], given: Sequence[int | None]
    ) -> list[int]:
        """Return the picture of each frame, where some may be missing."""
        known = [time for time in given if time is not None]
        if len(given) >= len(times) or len(known) < len(given):
            return [min(i, len(given) - 1) for i in range(len(times))]
        return [max(0, bisect_right(known, time) - 1) for time in times]

    def _linear(self, wanted: set[int]) -> dict[int, np.ndarray]:
        """Read pictures by their number in a read from first to last."""
        todo = sorted(wanted)
        if self._kept is not None:
            return {n: self._to_rgb(self._kept[n]) for n in todo}
        if todo[0] < self._next:
            self._rewind()
            self._next = 0
        frames = {}
        for picture in self._pictures:
            number, self._next = self._next, self._next + 1
            if number in wanted:
                frames[number] = self._to_rgb(picture)
            if number >= todo[-1]:
                break
        return frames

    def _to_rgb(self, picture: Any) -> np.ndarray:
        """Convert a picture, and turn it as the file says."""
        rgb = self._reformatter.reformat(
            picture, self.width, self.height, 'rgb24', threads=1
        ).to_ndarray()
        turn = picture.side_data.get('DISPLAYMATRIX')
        return rgb if turn is None else turned(rgb, bytes(turn))


class _UnexpectedTime(Exception):
    """A decoded picture has not the time that its packet announced."""
