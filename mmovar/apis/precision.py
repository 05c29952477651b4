"""Half precision on the command lines of tools."""

import argparse

from mmengine.config import Config

from mmovar.engine.half_precision import HALF_TYPES, half_type

AMP_TWINS = {
    'OptimWrapper': 'AmpOptimWrapper',
    'CrossBatchMetaOptimWrapper': 'CrossBatchMetaAmpOptimWrapper',
}
"""Optimizer wrapper in full precision to the one in mixed precision."""


def add_amp_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--amp`` and ``--amp-dtype``."""
    parser.add_argument(
        '--amp', action='store_true', help='mixed precision; default: float32'
    )
    parser.add_argument(
        '--amp-dtype',
        choices=HALF_TYPES,
        help='of --amp; default: bfloat16 where the device has it, else '
        'float16 (trained with a scaled loss)',
    )


def half_of(
    args: argparse.Namespace, declared: str | None = None
) -> str | None:
    """Return the half precision that a command line asks for, None if none.

    Args:
        args: With the options of :func:`add_amp_options`.
        declared: Precision of a ``Setup``: that half, if the device has it;
            None for ``'float32'``.

    Raises:
        ValueError: If there is a type without ``--amp``, or this device does
            not have it.
    """
    if args.amp_dtype and not args.amp:
        raise ValueError('--amp-dtype needs --amp')
    if not args.amp or declared == 'float32':
        return None
    return half_type(args.amp_dtype, declared)


def amp_options(half: str | None) -> list[str]:
    """Write half precision, if any, as options of a command line."""
    return ['--amp', '--amp-dtype', half] if half else []


def enable_amp(config: Config, dtype: str | None = None) -> None:
    """Train and validate in mixed precision.

    Args:
        config: Its ``optim_wrapper`` is changed in place, and its ``val_cfg``
            if that is an ``OpenVocabularyValLoop``.
        dtype: ``'bfloat16'`` (which needs no loss scaling) or ``'float16'``
            (with dynamic loss scaling unless the config says otherwise).
            None: bfloat16 where the device has it.

    Raises:
        ValueError: If the optimizer wrapper has no mixed precision twin, or
            the device does not have ``dtype``.
    """
    dtype = half_type(dtype)
    wrapper = config.optim_wrapper
    name = wrapper.get('type', 'OptimWrapper')
    if name not in (*AMP_TWINS, *AMP_TWINS.values()):
        raise ValueError(
            f'optimizer wrapper {name!r} has no mixed precision twin; those '
            f'that have one are {sorted(AMP_TWINS)}'
        )
    wrapper.type = AMP_TWINS.get(name, name)
    wrapper.dtype = dtype
    if dtype == 'bfloat16':
        wrapper.loss_scale = {'enabled': False}
    else:
        wrapper.setdefault('loss_scale', 'dynamic')
    loop = config.get('val_cfg') or {}
    if loop.get('type') == 'OpenVocabularyValLoop':
        loop['amp'] = dtype


def enable_test_amp(config: Config, dtype: str | None = None) -> None:
    """Test in mixed precision.

    Args:
        config: Its ``test_cfg`` is changed in place.
        dtype: ``'bfloat16'`` or ``'float16'``. None: bfloat16 where the
            device has it.

    Raises:
        ValueError: If the test loop does not know it, or the device does not
            have ``dtype``.
    """
    loop = config.get('test_cfg') or {}
    if loop.get('type') != 'BenchmarkTestLoop':
        raise ValueError(
            'mixed precision needs test_cfg.type BenchmarkTestLoop, but it '
            f'is {loop.get("type")!r}'
        )
    loop['amp'] = half_type(dtype)
