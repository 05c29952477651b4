"""Videos whose frames tell their numbers by two grey levels."""

from fractions import Fraction

import numpy as np

_BASE, _STEP = 15, 16


def write_numbered(
    path,
    codec='libx264',
    count=40,
    size=(64, 48),
    rate=25,
    pix_fmt='yuv420p',
    tag=None,
    times=None,
    container=None,
    turn=0,
    **options,
):
    """Encode frames of which the halves are as bright as two digits.

    Args:
        path: The file, whose suffix decides the container.
        codec: Encoder of libavcodec.
        count: Frames, up to 225.
        size: Width and height.
        rate: Frames a second.
        pix_fmt: Pixel format.
        tag: Four letters that name the codec in the container.
        times: Time of each frame in thousandths of a second.
        container: Options of the muxer.
        turn: Degrees that a player turns the pictures by.
        options: Of the encoder.
    """
    import av

    options = {key: str(value) for key, value in options.items()}
    with av.open(str(path), 'w', options=container or {}) as file:
        stream = file.add_stream(codec, rate=rate, options=options)
        stream.width, stream.height = size
        stream.pix_fmt = pix_fmt
        if tag:
            stream.codec_context.codec_tag = tag
        if turn:
            stream.set_display_rotation(turn)
        if times:
            stream.time_base = Fraction(1, 1000)
            stream.codec_context.time_base = Fraction(1, 1000)
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(picture(number, size), 'rgb24')
            frame = frame.reformat(format=pix_fmt)
            if times:
                frame.pts = times[number]
                frame.time_base = Fraction(1, 1000)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return path


def picture(number, size):
    """Return the picture of a number, RGB uint8 (H, W, 3)."""
    width, height = size
    image = np.empty((height, width, 3), np.uint8)
    image[:, : width // 2] = number // _BASE * _STEP + 8
    image[:, width // 2 :] = number % _BASE * _STEP + 8
    return image


def number_of(image):
    """Read the number back."""
    width = image.shape[1]
    edge = max(1, width // 8)
    high, low = image[:, :edge].mean(), image[:, -edge:].mean()
    return round((high - 8) / _STEP) * _BASE + round((low - 8) / _STEP)


def cut_without_encoding(source, target, hidden):
    """Copy packets as ``ffmpeg -ss -c copy`` does: an edit list hides some."""
    import av

    with av.open(str(source)) as old, av.open(str(target), 'w') as new:
        stream = old.streams.video[0]
        copy = new.add_stream_from_template(stream)
        shift = round(hidden / stream.average_rate / stream.time_base)
        for packet in old.demux(stream):
            if packet.size:
                packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
                packet.stream = copy
                new.mux(packet)
    return target
