"""Attention of models over a video, as panels to draw."""

from collections.abc import Mapping, Sequence

from mmovar.models import CLIPRecognizer
from mmovar.visualization.attention_overlay import attention_overlay
from mmovar.visualization.clip_figure import Panel
from mmovar.visualization.context_tokens import context_tokens

from .inference import Recognition, iter_recognitions, view_frames


def attention_panels(
    models: Mapping[str, CLIPRecognizer],
    video: str,
    classnames: Sequence[str] | str | None = None,
    topk: int = 3,
    method: str = 'rollout',
    layer: int = -1,
) -> list[Panel]:
    """Overlay the attention of models on a video, with their predictions.

    Args:
        models: Title to a model from :func:`init_recognizer`. They must read
            equally many frames.
        video: A file.
        classnames: Labels to choose from; None keeps those of each model,
            and a model without labels says nothing.
        topk: Labels of each model to show.
        method: See :func:`mmovar.visualization.attention_map`.
        layer: See :func:`mmovar.visualization.attention_map`.

    Returns:
        The frames that the first model saw, then a panel of each model.

    Raises:
        FileNotFoundError: If the video does not exist.
        ValueError: If it cannot be read, or the models read different
            numbers of frames, or see :func:`attention_map`.
    """
    panels: list[Panel] = []
    for title, model in models.items():
        frames = view_frames(model, video)
        if panels and len(frames) != len(panels[0].frames):
            raise ValueError(
                f'{title} reads {len(frames)} frames, the first model '
                f'{len(panels[0].frames)}; give them the same test_pipeline'
            )
        if not panels:
            panels.append(Panel('input', frames))
        said = Recognition(video)
        if classnames is not None or model.classnames:
            (said,) = iter_recognitions(model, video, classnames, topk)
        shown = attention_overlay(model, frames, method, layer)
        panels.append(Panel(title, shown, said.labels, said.probabilities))
    return panels


def context_panels(
    model: CLIPRecognizer,
    video: str,
    layer: int = -1,
    token: int | None = None,
    at: tuple[int, float, float] | None = None,
) -> list[Panel]:
    """Show the seeds and context tokens of a TC-CLIP in a video.

    Args:
        model: From :func:`init_recognizer`, with a ``TCCLIPViT``.
        video: A file.
        layer: Index of the layer, -1 is the last.
        token: Context token to follow through the video.
        at: Instead of ``token``, a frame and a place in it (from the left,
            from the top, in 0..1) whose token is followed. Without both, it
            is the token seen in most frames, and of these the smallest.

    Returns:
        Input, seeds, source map, and the token that is followed.

    Raises:
        FileNotFoundError: If the video does not exist.
        ValueError: If it cannot be read, ``token`` and ``at`` are given
            both, or there is no such layer, token or seed.
    """
    if token is not None and at is not None:
        raise ValueError(f'give token {token} or at {at}, not both')
    tokens = context_tokens(model, view_frames(model, video), layer)
    if at is not None:
        token = tokens.token_at(*at)
    elif token is None:
        token = tokens.most_lasting()
    count = tokens.source.max() + 1
    return [
        Panel('input', tokens.frames),
        Panel('seed tokens', tokens.seeds()),
        Panel(f'{count} context\ntokens', tokens.source_map()),
        Panel(f'token {token}', tokens.followed(token)),
    ]
