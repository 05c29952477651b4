"""Prediction ensemble of a recognizer and frozen CLIP."""

from collections.abc import Sequence
from typing import Any

import torch
from mmaction.registry import MODELS
from mmaction.utils import SampleList
from mmengine.model import BaseModel
from torch import Tensor, nn

from ..frozen import Frozen
from ..heads.fusion import VideoFeatures, frame_features

_SHARED = ('templates', 'classname_style', 'fusion')


@MODELS.register_module()
class CLIPEnsemble(BaseModel):
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

    Text is encoded once for both as long as the recognizer's text tower is
    CLIP's, weight for weight.

    Source: Open-MeDe (ICCV 2025), section 4.1 and Table 12 ("prediction"),
    for in-context data. The paper lost the ratio; 0.5 is that of its first
    author's later code.

    Args:
        recognizer: Config of the recognizer. Without it, ``kwargs`` are the
            arguments of a ``CLIPRecognizer``.
        ratio: r, in [0, 1].
        clip: Changes to the config of the frozen model, a ``CLIPRecognizer``.
            By default ``arch``, ``weights`` and ``data_preprocessor`` are the
            recognizer's, the backbone is ``CLIPViT``, and the head is a
            ``TextHead`` with the recognizer's templates, style of class
            names, tokenizer and fusion, or one of the recognizer's type if
            that has CLIP's parameters only. Inputs come from the recognizer's
            preprocessor.
        kwargs: As said.

    Raises:
        ValueError: If ``ratio`` is out of range, there are no CLIP weights,
            or both ``recognizer`` and ``kwargs`` are given.
    """

    def __init__(
        self,
        recognizer: dict[str, Any] | None = None,
        ratio: float = 0.5,
        clip: dict[str, Any] | None = None,
        **kwargs,
    ) -> None:
        if not 0 <= ratio <= 1:
            raise ValueError(f'ratio must be in [0, 1], got {ratio}')
        if recognizer is not None and kwargs:
            raise ValueError(
                f'give the recognizer or its arguments {sorted(kwargs)}, not '
                'both'
            )
        config = recognizer or dict(kwargs, type='CLIPRecognizer')
        built = MODELS.build(config)
        super().__init__()
        _become(self, built)
        self.ratio = ratio
        self._clip = _build_clip(config, built, clip or {})
        self._own_text: Tensor | None = None
        self._clip_text: Tensor | None = None

    def train(self, mode: bool = True) -> 'CLIPEnsemble':
        """Switch the recognizer between training and evaluation."""
        self.recognizer.train(mode)
        self.training = mode
        return self

    def init_weights(self) -> None:
        """Initialise the recognizer as it does alone."""
        self.recognizer.init_weights()

    @property
    def classnames(self) -> tuple[str, ...]:
        """Names of the classes, in the order of the scores."""
        return self.recognizer.classnames

    def set_vocabulary(self, classnames: Sequence[str]) -> None:
        """Name the classes."""
        self.recognizer.set_vocabulary(classnames)

    def set_templates(self, templates: str | Sequence[str]) -> None:
        """Change the prompts of both; class names have to be set again."""
        self.recognizer.set_templates(templates)
        device = self.recognizer.cls_head.logit_scale.device
        self._clip.on(device).set_templates(templates)

    def encode_text(self, classnames: Sequence[str]) -> Tensor:
        """Encode names as the recognizer does, unit (C, D)."""
        return self.recognizer.encode_text(classnames)

    def clip_state_dict(self) -> dict[str, Tensor]:
        """Read CLIP's weights under the recognizer's names of them."""
        return self.recognizer.clip_state_dict()

    def forward(
        self,
        inputs: Tensor,
        data_samples: SampleList | None = None,
        mode: str = 'tensor',
        **kwargs,
    ) -> Any:
        """Predict together; all other modes are the recognizer's.

        Args:
            inputs: Preprocessed views (B, V, 3, T, H, W).
            data_samples: Samples of the B videos.
            mode: ``'predict'``, ``'loss'`` or ``'tensor'``.
            kwargs: Of the recognizer.
        """
        if mode != 'predict' or self.ratio == 0:
            return self.recognizer(inputs, data_samples, mode=mode, **kwargs)
        return self.classify_views(self.encode_views(inputs), data_samples)

    @torch.no_grad()
    def encode_views(
        self, inputs: Tensor
    ) -> tuple[VideoFeatures | None, VideoFeatures | None]:
        """Encode views with the recognizer and with CLIP.

        Args:
            inputs: Preprocessed views (B, V, 3, T, H, W).

        Returns:
            Features of both; None of the one that has no weight.
        """
        own = clip = None
        if self.ratio < 1:
            own = self.recognizer.encode_views(inputs)
        if self.ratio > 0:
            clip = self._clip.on(inputs.device).encode_views(inputs)
        return own, clip

    @torch.no_grad()
    def classify_views(
        self,
        x: tuple[VideoFeatures | None, VideoFeatures | None],
        data_samples: SampleList,
    ) -> SampleList:
        """Predict from :meth:`encode_views`."""
        own, clip = x
        if clip is None:
            return self.recognizer.classify_views(own, data_samples)
        logits = self.ratio * self._clip_logits(clip)
        if own is not None:
            own = self.recognizer.cls_head(own)
            logits = logits + (1 - self.ratio) * own
        return self.recognizer.cls_head.predict_by_feat(logits, data_samples)

    def _clip_logits(self, x: VideoFeatures) -> Tensor:
        clip = self._clip.on(frame_features(x).device)
        if clip.classnames != self.classnames:
            clip.set_vocabulary(self.classnames)
        return clip.cls_head(x, text=self._share_text(clip))

    def _share_text(self, clip: nn.Module) -> Tensor | None:
        """Return the recognizer's text features if CLIP's are the same."""
        head = self.recognizer.cls_head
        if not _same_prompts(head, clip.cls_head):
            return None
        own = head.text_features
        if own is not self._own_text:  # the head made new ones
            self._own_text = own
            same = _same_weights(head.text_encoder, clip.cls_head.text_encoder)
            self._clip_text = own if same else None
        return self._clip_text


def _become(ensemble: nn.Module, recognizer: nn.Module) -> None:
    """Take over the parts of a recognizer under their own names.

    The recognizer itself is not registered, which would put its name before
    all of them.
    """
    object.__setattr__(ensemble, 'recognizer', recognizer)
    for kind in (
        '_modules',
        '_parameters',
        '_buffers',
        '_non_persistent_buffers_set',
    ):
        object.__setattr__(ensemble, kind, getattr(recognizer, kind))


def _build_clip(
    config: dict[str, Any], recognizer: nn.Module, changes: dict[str, Any]
) -> Frozen[nn.Module]:
    # of the head itself, since types of heads differ in what they default to
    head = {key: getattr(recognizer.cls_head, key) for key in _SHARED}
    head['tokenizer'] = config['cls_head'].get('tokenizer')
    clip = dict(
        type='CLIPRecognizer',
        arch=config.get('arch'),
        weights=config.get('weights'),
        backbone=dict(type='CLIPViT'),
        cls_head=dict(head, type=_head_type(recognizer.cls_head)),
        data_preprocessor=config.get('data_preprocessor'),
        test_cfg=config.get('test_cfg'),
    )
    clip.update(changes)
    if clip['weights'] is None:
        raise ValueError(
            'CLIPEnsemble needs CLIP weights: give a tag or a file as '
            'weights of the recognizer or of `clip`'
        )
    return Frozen(MODELS.build(clip))


def _head_type(head: nn.Module) -> type | str:
    """Choose a head of the same prompts that is complete with CLIP alone."""
    names = [name for name, _ in head.named_parameters()]
    plain = 'logit_scale' in names and all(
        name == 'logit_scale' or name.startswith('text_encoder.')
        for name in names
    )
    return type(head) if plain else 'TextHead'


def _same_prompts(own: nn.Module, clip: nn.Module) -> bool:
    return type(own) is type(clip) and all(
        getattr(own, name) == getattr(clip, name)
        for name in ('templates', 'classname_style')
    )


def _same_weights(left: nn.Module, right: nn.Module) -> bool:
    left, right = left.state_dict(), right.state_dict()
    return left.keys() == right.keys() and all(
        value.shape == right[key].shape and torch.equal(value, right[key])
        for key, value in left.items()
    )
