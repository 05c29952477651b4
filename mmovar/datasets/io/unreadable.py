"""Tell a broken video from a broken program."""

_DECORD_MESSAGES = ('Error reading', 'Invalid frame count', 'Failed to seek')


def is_unreadable(error: Exception) -> bool:
    """Return whether an error of the pipeline means a broken video file.

    These count: any ``OSError`` (missing file, no permission, a folder), the
    errors that decord defines (no video stream, damaged frames), and the
    ``RuntimeError`` and ``AssertionError`` of its reader (not a video, no
    frame, failed seek). All other errors are mistakes of the program or the
    config and must not be hidden.

    Args:
        error: What a transform raised.
    """
    if isinstance(error, OSError):
        return True
    # By module, so that decord need not be installed to read otherwise.
    if type(error).__module__.partition('.')[0] == 'decord':
        return True
    return isinstance(error, (RuntimeError, AssertionError)) and str(
        error
    ).startswith(_DECORD_MESSAGES)
