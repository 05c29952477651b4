"""The page answers at its own address, to pages from there."""

from collections.abc import Iterable
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse

_POLICY = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
    "frame-ancestors 'none'"
)


class OwnAddressOnly:
    """ASGI middleware against pages of other hosts in the same browser.

    A request gets 403 unless its ``Host`` is the address of the connection,
    ``localhost`` (127.0.0.1, [::1]) with its port, or an allowed name (a
    foreign name that leads here is DNS rebinding), and unless ``Origin`` is
    absent or equal to it. Answers forbid the page to load from elsewhere. It
    has to be outermost, so that no other middleware answers before it.

    Args:
        app: What is protected.
        host: Address or name that the server listens at.
        allowed: More names, with or without a port, such as that of a reverse
            proxy. One without a port is good for the port of the server too.
    """

    def __init__(
        self, app: Any, host: str, allowed: Iterable[str] = ()
    ) -> None:
        self._app = app
        self._own = {in_url(host), 'localhost', '127.0.0.1', '[::1]'}
        self._allowed = {name.lower() for name in allowed}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer 403, or hand the request on."""
        if scope['type'] == 'lifespan':
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal and scope['type'] == 'websocket':
            await send(dict(type='websocket.close', code=1008))
            return
        app = PlainTextResponse(refusal, 403) if refusal else self._app

        async def send_with_policy(message: Any) -> None:
            if message['type'] == 'http.response.start':
                header = b'content-security-policy', _POLICY.encode()
                message.setdefault('headers', []).append(header)
            await send(message)

        await app(scope, receive, send_with_policy)

    def _refusal(self, scope: Any) -> str:
        """Say why a request is refused, '' if it is not."""
        headers = Headers(scope=scope)
        hosts = [host.lower() for host in headers.getlist('host')]
        address, port = scope['server']
        own = {f'{name}:{port}' for name in (*self._own, in_url(address))}
        if port == 80:  # browsers leave it out
            own |= {name.removesuffix(':80') for name in own}
        allowed = self._allowed | {f'{n}:{port}' for n in self._allowed}
        if len(hosts) != 1 or hosts[0] not in own | allowed:
            return (
                f'This page does not answer at the address {hosts}. Whoever '
                'started it can allow the name with --allow-host.'
            )
        for origin in headers.getlist('origin'):
            scheme, _, site = origin.lower().partition('://')
            same = site == hosts[0] or site in allowed
            if scheme not in ('http', 'https') or not same:
                return f'This page does not answer to the page {origin!r}.'
        return ''


def in_url(address: str) -> str:
    """Write an address as URLs do: IPv6 in brackets, lower case."""
    bare = address.strip('[]').lower()
    return f'[{bare}]' if ':' in bare else bare
