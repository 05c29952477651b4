"""How a config shows videos to a model: frames, views, ensemble."""

from collections.abc import Mapping
from typing import Any

_CROPS = {'ThreeCrop': 3, 'TenCrop': 10}
_DECODERS = {
    **dict.fromkeys(('VideoInit', 'OpenFrames'), 'pyav'),
    'OpenPacked': 'packed',
    'DecordInit': 'decord, unchecked',
    'OpenCVInit': 'opencv, unchecked',
    'PyAVInit': 'pyav, all frames',
}
_AGGREGATION = {'score': 'logits', 'prob': 'probabilities'}


def views_of(
    config: Mapping[str, Any],
    dataset: Mapping[str, Any],
    clip_share: float | None = None,
) -> dict[str, Any]:
    """Read from a config how a test set is shown to the model.

    Args:
        config: Of a test.
        dataset: Config of the test set's data.
        clip_share: What the test loop makes of the share of CLIP in the
            logits of a ``CLIPEnsemble``; None leaves it.

    Returns:
        Values under the names of ``Setup``'s fields, as far as the config
        tells, ``classnames``, and the ``decoder`` of the videos.
    """
    views: dict[str, Any] = dict(
        clips=1, crops=1, **_ensemble(config, clip_share)
    )
    for step in dataset['pipeline']:
        views['crops'] *= _CROPS.get(step['type'], 1)
        if step['type'] in _DECODERS:
            views['decoder'] = step.get('decoder', _DECODERS[step['type']])
        frames = step.get('num_frames', step.get('clip_len'))
        if frames is not None and 'clips' in views:
            views['frames'] = int(frames)
            views['clips'] = int(step.get('num_clips', 1))
    if dataset.get('store'):
        views['decoder'] = 'packed'
    head = config['model'].get('cls_head', {})
    kind = head.get('average_clips', 'score')
    views['aggregation'] = _AGGREGATION.get(kind, str(kind))
    names = dataset.get('classnames')
    views['classnames'] = (
        names if isinstance(names, str) else f'{len(names or ())} given names'
    )
    return views


def _ensemble(
    config: Mapping[str, Any], clip_share: float | None
) -> dict[str, Any]:
    """Read what is mixed with CLIP."""
    if config['model'].get('type') == 'CLIPEnsemble':
        if clip_share is None:
            clip_share = config['model'].get('ratio', 0.5)
        if clip_share:
            return dict(ensemble='logits', clip_share=clip_share)
    for hook in config.get('custom_hooks', []):
        if hook['type'] == 'WeightPatchHook' and config.get('load_from'):
            tuned = hook.get('alpha', hook.get('wise_ft'))
            share = hook['open_vclip_ratio'] if tuned is None else 1 - tuned
            return dict(ensemble='weights', clip_share=round(share, 6))
    return dict(ensemble='none', clip_share=0.0)
