"""Half precision in training and tests: of which type, and how it is told."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from mmengine.device import get_device

HALF_TYPES = ('bfloat16', 'float16')


def half_type(wanted: str | None = None, preferred: str | None = None) -> str:
    """Choose the half precision of this device.

    Args:
        wanted: One of :data:`HALF_TYPES`. None: bfloat16 where the device
            has it (CPUs, and GPUs since Ampere), else float16.
        preferred: What None stands for if the device has it.

    Returns:
        The type.

    Raises:
        ValueError: If the device does not compute with what is wanted.
    """
    cuda = torch.cuda.is_available()
    brain = not cuda or torch.cuda.is_bf16_supported(including_emulation=False)
    has = [*['bfloat16'] * brain, *['float16'] * cuda]
    if wanted is None:
        return preferred if preferred and preferred in has else has[0]
    if wanted not in has:
        raise ValueError(
            f'half precision must be one of {has} on this device '
            f'({get_device()}), but is {wanted!r}'
        )
    return wanted


@contextmanager
def autocast_to(dtype: str | None) -> Iterator[None]:
    """Choose the type of MMEngine's loops, whose ``fp16`` names none.

    Args:
        dtype: One of :data:`HALF_TYPES`; None leaves it.
    """
    if dtype is None:
        yield
        return
    device = get_device()
    before = torch.get_autocast_dtype(device)
    torch.set_autocast_dtype(device, getattr(torch, dtype))
    try:
        yield
    finally:
        torch.set_autocast_dtype(device, before)


def precision_of(half: str | None) -> str:
    """Name the precision of a test, as records keep it.

    Args:
        half: Half precision of the test, if any.

    Returns:
        ``'float32'``, ``'tf32'`` (where PyTorch may shorten the factors of
        matrix products) or the half precision.
    """
    if half is not None:
        return half
    exact = torch.get_float32_matmul_precision() == 'highest'
    return 'float32' if exact else 'tf32'
