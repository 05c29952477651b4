import asyncio

import pytest

from mmovar.demo.own_address import OwnAddressOnly


def status(
    headers, host='127.0.0.1', allowed=(), server=('127.0.0.1', 7860), **scope
):
    """Ask the middleware; return the status, or the message it sent."""
    sent = []

    async def app(scope, receive, send):
        await send(dict(type='http.response.start', status=200, headers=[]))

    async def send(message):
        sent.append(message)

    pairs = [(name.encode(), value.encode()) for name, value in headers]
    scope = dict(type='http', headers=pairs, server=server) | scope
    page = OwnAddressOnly(app, host, allowed)
    asyncio.run(page(scope, None, send))
    return sent[0].get('status', sent[0])


@pytest.mark.parametrize(
    ('host', 'expected'),
    [
        ('127.0.0.1:7860', 200),
        ('localhost:7860', 200),
        ('LOCALHOST:7860', 200),
        ('[::1]:7860', 200),
        ('127.0.0.1', 403),
        ('127.0.0.1:7861', 403),
        ('evil.example:7860', 403),
        ('127.0.0.1.evil.example:7860', 403),
        ('', 403),
    ],
)
def test_host_is_its_own(host, expected):
    assert status([('host', host)]) == expected


def test_there_is_one_host():
    assert status([]) == 403
    twice = [('host', 'localhost:7860'), ('host', 'evil.example')]
    assert status(twice) == 403


@pytest.mark.parametrize(
    ('origin', 'expected'),
    [
        ('http://localhost:7860', 200),
        ('https://localhost:7860', 200),
        ('http://127.0.0.1:7860', 403),
        ('http://localhost', 403),
        ('http://localhost:8000', 403),
        ('http://evil.example:7860', 403),
        ('ftp://localhost:7860', 403),
        ('null', 403),
        ('http://[', 403),
        ('', 403),
    ],
)
def test_origin_is_the_host(origin, expected):
    headers = [('host', 'localhost:7860'), ('origin', origin)]
    assert status(headers) == expected


def test_behind_all_addresses_it_answers_at_that_of_the_connection():
    wild = dict(host='0.0.0.0', server=('192.168.1.5', 80))
    assert status([('host', '192.168.1.5')], **wild) == 200
    assert status([('host', '192.168.1.5:80')], **wild) == 200
    assert status([('host', 'lab.example')], **wild) == 403
    names = dict(wild, allowed=['Lab.example'])
    assert status([('host', 'lab.example:80')], **names) == 200
    six = dict(host='::', server=('fd00::1', 7860))
    assert status([('host', '[fd00::1]:7860')], **six) == 200


def test_a_reverse_proxy_has_its_name():
    proxy = dict(allowed=['lab.example', 'other.example:8443'])
    assert status([('host', 'lab.example')], **proxy) == 200
    assert status([('host', 'other.example:8443')], **proxy) == 200
    assert status([('host', 'other.example')], **proxy) == 403
    own = ('host', '127.0.0.1:7860')  # it does not hand its name on
    assert status([own, ('origin', 'https://lab.example')], **proxy) == 200
    assert status([own, ('origin', 'https://no.example')], **proxy) == 403


def test_websockets_are_closed_before_they_open():
    headers = [('host', 'localhost:7860'), ('origin', 'http://evil.example')]
    message = dict(type='websocket.close', code=1008)
    assert status(headers, type='websocket') == message
    assert status(headers[:1], type='websocket') == 200
