"""Prediction ensemble of a recognizer and frozen CLIP."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from mmaction.registry import MODELS
from mmaction.utils import SampleList
from torch import Tensor, nn

from mmovar.clip.config import Arch

from ..frozen import Frozen
from ..heads.fusion import VideoFeatures, frame_features
from ..heads.text_head import TextHead
from .clip_recognizer import CLIPRecognizer

_SHARED = ('templates', 'classname_style', 'fusion')
Views = tuple[VideoFeatures | None, VideoFeatures | None]


@MODELS.register_module()
class CLIPEnsemble(CLIPRecognizer):
    r"""Average the logits of a recognizer with those of frozen CLIP.

    .. math:: \text{logits} = r \cdot \text{CLIP} + (1 - r) \cdot \text{own}

    r is the weight of CLIP, which reads the frames one by one. Logits include
    the temperatures and are mixed per view, before views are averaged. At
    r = 0 only the recognizer runs, at r = 1 only CLIP.

    Training, names of parameters and checkpoints are those of the recognizer
    alone: CLIP is neither a submodule nor in the state dict, so checkpoints,
    averages and patches fit both ways. A config of a ``CLIPRecognizer`` turns
    into an ensemble with ``model = dict(type='CLIPEnsemble')`` on top of it,
    or ``--cfg-options model.type=CLIPEnsemble model.ratio=0.5``.

    CLIP has a ``CLIPViT`` and a ``TextHead`` with the recognizer's templates,
    style of class names, tokenizer and fusion, or a head of the recognizer's
    type if that has CLIP's parameters only. Text is encoded once for both as
    long as the recognizer's text tower is CLIP's, weight for weight.

    Source: Open-MeDe (ICCV 2025), section 4.1 and Table 12 ("prediction"),
    for in-context data. The paper lost the ratio; 0.5 is that of its first
    author's later code.

    Args:
        arch: As :class:`CLIPRecognizer`.
        weights: As :class:`CLIPRecognizer`, but for None.
        backbone: As :class:`CLIPRecognizer`.
        cls_head: As :class:`CLIPRecognizer`.
        ratio: r, in [0, 1].
        kwargs: As :class:`CLIPRecognizer`.

    Raises:
        ValueError: If ``ratio`` is out of range or there are no CLIP weights.
    """

    def __init__(
        self,
        arch: Arch,
        weights: str | Path,
        backbone: dict[str, Any],
        cls_head: dict[str, Any],
        ratio: float = 0.5,
        **kwargs,
    ) -> None:
        if not 0 <= ratio <= 1:
            raise ValueError(f'ratio must be in [0, 1], got {ratio}')
        if weights is None:
            raise ValueError(
                'CLIPEnsemble needs CLIP weights, a tag or a file, got None'
            )
        super().__init__(arch, weights, backbone, cls_head, **kwargs)
        self.ratio = ratio
        # of the head itself, since types of heads differ in their defaults
        head = {key: getattr(self.cls_head, key) for key in _SHARED}
        head['type'] = _head_type(self.cls_head)
        head['tokenizer'] = cls_head.get('tokenizer')
        self._clip = Frozen(
            CLIPRecognizer(
                arch,
                weights,
                dict(type='CLIPViT'),
                head,
                test_cfg=self.test_cfg,
            )
        )
        self._own_text: Tensor | None = None
        self._clip_text: Tensor | None = None

    def set_templates(self, templates: str | Sequence[str]) -> None:
        """Change the prompts of both; class names have to be set again."""
        super().set_templates(templates)
        device = self.cls_head.logit_scale.device
        self._clip.on(device).set_templates(templates)

    def predict(
        self, inputs: Tensor, data_samples: SampleList, **kwargs
    ) -> SampleList:
        """Predict together from preprocessed views (B, V, 3, T, H, W)."""
        return self.classify_views(self.encode_views(inputs), data_samples)

    @torch.no_grad()
    def encode_views(self, inputs: Tensor) -> Views:
        """Encode views with the recognizer and with CLIP.

        Args:
            inputs: Preprocessed views (B, V, 3, T, H, W).

        Returns:
            Features of both; None of the one that has no weight.
        """
        own = clip = None
        if self.ratio < 1:
            own = super().encode_views(inputs)
        if self.ratio > 0:
            clip = self._clip.on(inputs.device).encode_views(inputs)
        return own, clip

    @torch.no_grad()
    def classify_views(self, x: Views, data_samples: SampleList) -> SampleList:
        """Predict from :meth:`encode_views`."""
        own, clip = x
        if clip is None:
            return super().classify_views(own, data_samples)
        logits = self.ratio * self._clip_logits(clip)
        if own is not None:
            logits = logits + (1 - self.ratio) * self.cls_head(own)
        return self.cls_head.predict_by_feat(logits, data_samples)

    def _clip_logits(self, x: VideoFeatures) -> Tensor:
        clip = self._clip.on(frame_features(x).device)
        if clip.classnames != self.classnames:
            clip.set_vocabulary(self.classnames)
        return clip.cls_head(x, text=self._shared_text(clip.cls_head))

    def _shared_text(self, clip: TextHead) -> Tensor | None:
        """Return the recognizer's text features if CLIP's are the same."""
        if type(self.cls_head) is not type(clip):
            return None
        own = self.cls_head.text_features
        if own is not self._own_text:  # the head made new ones
            self._own_text = own
            towers = (self.cls_head.text_encoder, clip.text_encoder)
            self._clip_text = own if _same_weights(*towers) else None
        return self._clip_text


def _head_type(head: nn.Module) -> type | str:
    """Choose a head of the same prompts that is complete with CLIP alone."""
    names = [name for name, _ in head.named_parameters()]
    plain = 'logit_scale' in names and all(
        name == 'logit_scale' or name.startswith('text_encoder.')
        for name in names
    )
    return type(head) if plain else 'TextHead'


def _same_weights(left: nn.Module, right: nn.Module) -> bool:
    pairs = zip(left.parameters(), right.parameters(), strict=True)
    return all(torch.equal(own, clip) for own, clip in pairs)
