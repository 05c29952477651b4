"""Ways to damage the bytes of a file."""

import random
from collections.abc import Callable

Damage = Callable[[bytearray, random.Random], bytes]


def truncated(data: bytearray, rng: random.Random) -> bytes:
    return data[: int(len(data) * rng.uniform(0.02, 0.98))]


def flipped(data: bytearray, rng: random.Random) -> bytes:
    for _ in range(rng.choice((1, 10, 100, 1000))):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return data


def zeroed(data: bytearray, rng: random.Random) -> bytes:
    start, length = _block(data, rng)
    data[start : start + length] = bytes(length)
    return data


def cut_out(data: bytearray, rng: random.Random) -> bytes:
    start, length = _block(data, rng)
    return data[:start] + data[start + length :]


def doubled(data: bytearray, rng: random.Random) -> bytes:
    start, length = _block(data, rng)
    return data[: start + length] + data[start:]


def bad_header(data: bytearray, rng: random.Random) -> bytes:
    for _ in range(rng.randint(1, 20)):
        data[rng.randrange(min(400, len(data)))] = rng.randrange(256)
    return data


def longer(data: bytearray, rng: random.Random) -> bytes:
    return data + rng.randbytes(rng.randint(1, 1 << 16))


def _block(data: bytearray, rng: random.Random) -> tuple[int, int]:
    length = int(len(data) * rng.uniform(0.001, 0.3))
    return rng.randrange(len(data) - length), length


DAMAGES: dict[Damage, int] = {
    truncated: 60,
    flipped: 80,
    zeroed: 30,
    cut_out: 20,
    doubled: 10,
    bad_header: 20,
    longer: 10,
}
"""How often each is done to videos in a campaign, 230 in all."""
