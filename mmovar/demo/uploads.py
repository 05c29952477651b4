"""What people send to the page has bounds."""

from pathlib import Path
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse

_FORM = 2**16
"""Most bytes of an upload that are not of its file."""
_QUESTION = 2**22
"""Most bytes of a request that is no upload."""


class UploadLimit:
    """ASGI middleware that refuses what is too large, or finds no room.

    It goes by ``Content-Length`` (the server holds clients to it), before
    anything is written. Files of uploads that were broken off are removed.

    Args:
        app: What takes the uploads.
        folder: Where it writes them.
        size: Most bytes of one file.
        total: Most bytes of all files.
    """

    def __init__(self, app: Any, folder: Path, size: int, total: int) -> None:
        self._app, self._folder = app, folder
        self._size, self._total = size, total
        self._coming: list[int] = []  # bytes of uploads that are under way

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer 411, 413 or 507, or hand the request on."""
        if scope['type'] != 'http' or scope['method'] in ('GET', 'HEAD'):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        length = int(headers.get('content-length', 0))
        upload = scope['path'].rstrip('/').endswith('/upload')
        most = self._size + _FORM if upload else _QUESTION
        if 'transfer-encoding' in headers:
            answer = PlainTextResponse('Content-Length is missing.', 411)
        elif length > most:
            answer = PlainTextResponse(
                f'{length / 2**20:.1f} MB are too many: this page takes up to '
                f'{most / 2**20:.1f} MB at once.',
                413,
            )
        elif not upload:
            await self._app(scope, receive, send)
            return
        elif length + sum(self._coming) + self._held() > self._total:
            while (await receive()).get('more_body'):
                pass  # browsers read no answer before they have sent all
            answer = PlainTextResponse(
                f'The uploads of this page have reached {self._total >> 20} '
                'MB, all it keeps. They are deleted after a day; or start the '
                'page with a higher --max-total-mb.',
                507,
            )
        else:
            await self._take(length, scope, receive, send)
            return
        await answer(scope, receive, send)

    def _held(self) -> int:
        files = [path for path in self._folder.rglob('*') if path.is_file()]
        return sum(path.stat().st_size for path in files)

    async def _take(self, length: int, *request: Any) -> None:
        self._coming.append(length)
        try:
            await self._app(*request)
        finally:
            self._coming.remove(length)
            if not self._coming:  # so those that remain were broken off
                for path in self._folder.glob('tmp*'):
                    path.unlink(missing_ok=True)
