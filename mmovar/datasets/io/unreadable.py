"""Tell a broken video from a broken program."""

_DECORD_MESSAGES = ('Error reading', 'Invalid frame count', 'Failed to seek')


def is_unreadable(error: Exception) -> bool:
    """Return whether an error of the pipeline means a broken video file.

    These count: any ``OSError`` (missing file, no permission, a folder), the
    errors that PyAV and decord define (no video stream, damaged frames), and
    the ``RuntimeError`` and ``AssertionError`` of decord's reader (not a
    video, no frame, failed seek). All other errors are mistakes of the program
    or the config and must not be hidden.

    Args:
        error: What a transform raised.
    """
    if isinstance(error, OSError):
        return True
    # By module, so that neither need be imported.
    if type(error).__module__.partition('.')[0] in ('av', 'decord'):
        return True
    return isinstance(error, (RuntimeError, AssertionError)) and str(
        error
    ).startswith(_DECORD_MESSAGES)
