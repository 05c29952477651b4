"""MMEngine's local files, written at once."""

import os

from mmengine.fileio import LocalBackend, register_backend

from mmovar.atomic_write import replacing


@register_backend('local', force=True, prefixes='')
class AtomicLocalBackend(LocalBackend):
    """MMEngine's backend of local files; a killed process leaves no half one.

    Registered in its place: checkpoints, and whatever else ``put`` and
    ``mmengine.dump`` write.
    """

    def put(self, obj: bytes, filepath: str | os.PathLike) -> None:
        """Write bytes, at once or not at all."""
        with replacing(filepath) as part:
            part.write_bytes(obj)

    def put_text(
        self, obj: str, filepath: str | os.PathLike, encoding: str = 'utf-8'
    ) -> None:
        """Write a text, at once or not at all."""
        with replacing(filepath) as part:
            part.write_text(obj, encoding=encoding)
