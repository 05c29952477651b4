"""How large the pictures of a video are, undecoded."""

import os


def check_picture_size(path: str, max_pixels: int) -> None:
    """Refuse a video of large pictures by its headers.

    Args:
        path: A regular file.
        max_pixels: Most pixels of a picture, width times height.

    Raises:
        OSError: If it is no video.
        ValueError: If its pictures are larger.
    """
    import av

    try:
        with av.open(
            f'file:{path}', options=dict(protocol_whitelist='file')
        ) as container:
            sizes = [(s.width, s.height) for s in container.streams.video]
    except (av.FFmpegError, IndexError) as error:
        raise OSError(f'{path} is not read as a video: {error}') from error
    for width, height in sizes:
        if width * height > max_pixels:
            raise ValueError(
                f'{os.path.basename(path)} has pictures of {width} x {height} '
                f'pixels, more than {max_pixels}'
            )
