"""Weights between CLIP and a model fine-tuned from it.

Everywhere in this project, alpha is the share of the **fine-tuned** weights:
0 is CLIP, 1 is the fine-tuned model. Papers differ; :func:`resolve_alpha`
knows their conventions by name.
"""

import copy
from collections.abc import Callable, Mapping

from torch import Tensor

from mmovar.clip import mix

CONVENTIONS: dict[str, Callable[[float], float]] = {
    'alpha': lambda value: value,
    'wise_ft': lambda value: value,
    'open_vclip_ratio': lambda value: 1 - value,
}
"""Name of a paper's number to what makes it the share of the fine-tuned.

``wise_ft`` is the alpha of WiSE-FT (CVPR 2022), ``open_vclip_ratio`` the
``PATCHING_RATIO`` of Open-VCLIP's code, which is the share of CLIP: 0.5 for
ViT-B/32 and ViT-B/16, 0.6 for ViT-L/14.
"""


def resolve_alpha(**values: float | None) -> float:
    """Turn the number of a paper into the share of the fine-tuned weights.

    Args:
        values: One of :data:`CONVENTIONS` by its name, in 0..1; those that
            are None do not count.

    Returns:
        alpha, in 0..1.

    Raises:
        ValueError: If not exactly one is given, its name is unknown, or it
            is not in 0..1.
    """
    given = {k: v for k, v in values.items() if v is not None}
    if len(given) != 1 or not set(given) <= set(CONVENTIONS):
        raise ValueError(f'need one of {list(CONVENTIONS)}, got {given}')
    ((name, value),) = given.items()
    if not 0 <= value <= 1:
        raise ValueError(f'{name} must be in 0..1, got {value}')
    return CONVENTIONS[name](value)


def patch(
    theta_clip: Mapping[str, Tensor],
    theta: dict[str, Tensor],
    alpha: float,
) -> dict[str, Tensor]:
    r"""Interpolate, :math:`(1-\alpha)\theta_{CLIP} + \alpha\theta`.

    The ends are exact. Weights that CLIP lacks stay fine-tuned.

    Source: WiSE-FT (CVPR 2022), Eq. 1; Open-VCLIP (ICML 2023), section 3.4.

    Args:
        theta_clip: CLIP's weights under the model's names.
        theta: Fine-tuned weights.
        alpha: Share of the fine-tuned, in 0..1.

    Returns:
        New tensors of the dtype and device of ``theta``.

    Raises:
        ValueError: If ``alpha`` is out of range, or ``theta`` lacks a weight
            of CLIP or has it in another shape.
    """
    resolve_alpha(alpha=alpha)
    missing = [key for key in theta_clip if key not in theta]
    if missing:
        raise ValueError(
            f'the fine-tuned weights lack {len(missing)} of CLIP, such as '
            f'{missing[:3]}; theirs are like {list(theta)[:3]}'
        )
    for key, clip in theta_clip.items():
        if clip.shape != theta[key].shape:
            raise ValueError(
                f'{key!r} has shape {tuple(clip.shape)} in CLIP and '
                f'{tuple(theta[key].shape)} in the fine-tuned weights'
            )
    tuned = [theta[key] for key in theta_clip]
    patched = copy.copy(theta)  # keeps its metadata: the class names
    patched.update(
        {k: v.clone() for k, v in theta.items() if k not in theta_clip}
    )
    mixed = mix(list(theta_clip.values()), tuned, alpha)
    patched.update(zip(theta_clip, mixed, strict=True))
    return patched
