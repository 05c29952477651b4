"""A recognizer that names actions through CLIP."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from mmaction.models.recognizers import Recognizer3D
from mmaction.registry import MODELS
from mmaction.utils import SampleList
from torch import Tensor, nn

from mmovar.clip import load_clip_state_dict, recognizer_name
from mmovar.clip.config import PIXEL_MEAN, PIXEL_STD, Arch
from mmovar.clip.weights import clip_shapes

from ..heads.fusion import (
    VideoFeatures,
    frame_features,
    frames_as_samples,
)
from .checked_loading import CheckedLoading

_DATA_PREPROCESSOR = dict(
    type='mmaction.ClipDataPreprocessor',
    mean=PIXEL_MEAN,
    std=PIXEL_STD,
    format_shape='NCTHW',
)


@MODELS.register_module()
class CLIPRecognizer(CheckedLoading, Recognizer3D):
    """CLIP as a video recognizer with an open vocabulary.

    A recognizer of MMAction2 whose backbone and head share one CLIP model.
    ``backbone.*`` are CLIP's ``visual.*``, ``cls_head.text_encoder.*`` its
    text tower, ``cls_head.logit_scale`` its temperature, key for key. CLIP's
    weights are loaded when the model is built, so that it can be tested
    without a checkpoint, and a checkpoint must fit: see ``CheckedLoading``.

    Inputs are (B, V, 3, T, H, W): B videos with V views (clips times crops).

    Args:
        arch: open_clip model name or sizes, see
            :func:`mmovar.clip.clip_config`. OpenAI's weights need the names
            that end in ``-quickgelu``.
        weights: CLIP weights, a tag or a file, see
            :func:`mmovar.clip.load_clip_state_dict`; None leaves them random.
        backbone: Config of a vision tower, without ``arch`` and ``weights``.
        cls_head: Config of a text head, without ``arch`` and ``weights``.
        neck: Config of what frame features go through, such as a
            ``TemporalTransformer``, without ``arch``.
        data_preprocessor: Config; CLIP's mean and std if None.
        auxiliary_losses: Configs of losses beside the head's, see
            :mod:`mmovar.models.losses`. Each is built with this model as
            ``recognizer`` and called in training with the model, its inputs
            and its features, a dict of ``frames`` (B V, T, D) and ``text``
            (C, D) or (B V, C, D); it returns a dict of losses.
        trainable: The parameters that are tuned: those whose name contains
            one of these strings, as in MMEngine's ``custom_keys``. All others
            are frozen, and so is the token embedding unless one of them
            says ``token_embedding``. None leaves the choice to backbone and
            head (all of vision; text and temperature as the head's arguments
            say).
        frames_as_samples: Whether each frame is a sample in training, with a
            loss of its own: ViFi-CLIP's "image-level fusion". The paper does
            not say how it scores videos then; the head's fusion does here.
        kwargs: ``train_cfg``, ``test_cfg`` of MMAction2.

    Raises:
        FileNotFoundError: If the weights are not there.
        ValueError: If the weights do not fit ``arch`` or the two towers, or a
            type of auxiliary loss occurs twice, or a string of
            ``trainable`` is in no parameter's name.
    """

    def __init__(
        self,
        arch: Arch,
        weights: str | Path | None,
        backbone: dict[str, Any],
        cls_head: dict[str, Any],
        neck: dict[str, Any] | None = None,
        data_preprocessor: dict[str, Any] | None = None,
        auxiliary_losses: Sequence[dict[str, Any]] = (),
        trainable: Sequence[str] | None = None,
        frames_as_samples: bool = False,
        **kwargs,
    ) -> None:
        super().__init__(
            backbone=dict(backbone, arch=arch),
            cls_head=dict(cls_head, arch=arch),
            neck=dict(neck, arch=arch) if neck else None,
            data_preprocessor=data_preprocessor or dict(_DATA_PREPROCESSOR),
            **kwargs,
        )
        self._arch, self._weights = arch, weights
        self.frames_as_samples = frames_as_samples
        if weights is not None:
            self._load_clip()
        if trainable is not None:
            self._freeze_all_but(trainable)
        self._add_losses(auxiliary_losses)
        self._tell_blending()

    def _freeze_all_but(self, trainable: Sequence[str]) -> None:
        names = [name for name, _ in self.named_parameters()]
        idle = [key for key in trainable if not any(key in n for n in names)]
        if isinstance(trainable, str) or idle:
            raise ValueError(
                f'trainable {idle or trainable!r}: give a list of strings '
                'that occur in names of parameters, such as '
                f'{sorted({name.split(".")[0] for name in names})}'
            )
        for name, parameter in self.named_parameters():
            parameter.requires_grad_(_is_tuned(name, trainable))

    def _add_losses(self, configs: Sequence[dict[str, Any]]) -> None:
        types = [config['type'] for config in configs]
        if len(set(types)) < len(types):
            raise ValueError(f'auxiliary losses occur twice: {types}')
        self.auxiliary_losses = nn.ModuleList(
            MODELS.build(dict(config, recognizer=self)) for config in configs
        )

    def _load_clip(self) -> None:
        # parameters that CLIP lacks keep their initial values
        keys = self.load_state_dict(self.clip_state_dict(), strict=False)
        if keys.unexpected_keys:
            raise ValueError(
                f'{type(self.backbone).__name__} or '
                f'{type(self.cls_head).__name__} has no place for CLIP '
                f'weights {keys.unexpected_keys[:3]}'
            )
        self.cls_head.init_from_clip()

    def init_weights(self) -> None:
        """Initialise the neck, if any; the towers got weights when built."""
        super().init_weights()
        if self.with_neck:
            self.neck.init_weights()

    def may_differ(self, missing_keys: Collection[str]) -> tuple[str, ...]:
        """Declare auxiliary losses, and what a training learns anew.

        That is what CLIP lacks, such as prompts or a neck, if the checkpoint
        that a training starts from has nothing of it in this part.
        """
        parts = ['auxiliary_losses.']
        if self.starts_training:
            clip = {recognizer_name(n) for n in clip_shapes(self._arch)}
            learned = set(self.state_dict()) - clip
            for part in ('backbone.', 'cls_head.', 'neck.'):
                own = {name for name in learned if name.startswith(part)}
                parts += own if own <= set(missing_keys) else ()
        return tuple(parts)

    def loss(
        self, inputs: Tensor, data_samples: SampleList, **kwargs
    ) -> dict[str, Tensor]:
        """Compute the head's loss and the auxiliary ones."""
        x, extra = self.extract_feat(inputs, data_samples=data_samples)
        text = self.cls_head.text_for(x)
        losses = self._classification_loss(x, text, data_samples, **extra)
        losses.update(extra['loss_aux'])
        features = dict(frames=frame_features(x), text=text)
        for auxiliary_loss in self.auxiliary_losses:
            losses.update(auxiliary_loss(self, inputs, features))
        return losses

    def _classification_loss(
        self, x: VideoFeatures, text: Tensor, samples: SampleList, **kwargs
    ) -> dict[str, Tensor]:
        """Compute the head's loss, of videos or of each of their frames."""
        if self.frames_as_samples:
            x, text, samples = frames_as_samples(x, text, samples)
        return self.cls_head.loss(x, samples, text=text, **kwargs)

    @property
    def arch(self) -> Arch:
        """Name or sizes of the CLIP model."""
        return self._arch

    @property
    def weights(self) -> str | Path | None:
        """CLIP weights that the model was built with, a tag or a file."""
        return self._weights

    def read_clip(self) -> dict[str, Tensor]:
        """Read CLIP's weights again, under CLIP's names.

        They are not kept in memory, nor in this model's state dict.

        Returns:
            Name to float32 tensor on the CPU.

        Raises:
            ValueError: If the model was built without CLIP weights.
        """
        if self._weights is None:
            raise ValueError(
                'this model has no CLIP reference: it was built with '
                'weights=None; give a tag or a file'
            )
        return load_clip_state_dict(self._weights, self._arch)

    def clip_state_dict(self) -> dict[str, Tensor]:
        """Read theta_CLIP: CLIP's weights under this model's names."""
        return {recognizer_name(k): v for k, v in self.read_clip().items()}

    @property
    def classnames(self) -> tuple[str, ...]:
        """Names of the classes, in the order of the scores."""
        return self.cls_head.classnames

    def set_vocabulary(self, classnames: Sequence[str]) -> None:
        """Name the classes; see :meth:`TextHead.set_vocabulary`."""
        self.cls_head.set_vocabulary(classnames)
        self._tell_blending()

    def set_templates(self, templates: str | Sequence[str]) -> None:
        """Change the prompts; see :meth:`TextHead.set_templates`."""
        self.cls_head.set_templates(templates)

    def _tell_blending(self) -> None:
        """Tell mixup and the like the number of classes, if it is known."""
        blending = getattr(self.data_preprocessor, 'blending', None)
        if blending is not None and self.classnames:
            blending.num_classes = len(self.classnames)

    def encode_text(self, classnames: Sequence[str]) -> Tensor:
        """Encode names as class names would be; unit norm, (C, D)."""
        return self.cls_head.encode_text(classnames)

    def encode_views(self, inputs: Tensor) -> Any:
        """Encode preprocessed views (B, V, 3, T, H, W) as the head wants them.

        Returns:
            The backbone's output for B V clips, for :meth:`classify_views`;
            no class name enters it.
        """
        return self.extract_feat(inputs, test_mode=True)[0]

    def classify_views(self, x: Any, data_samples: SampleList) -> SampleList:
        """Predict from :meth:`encode_views`, as ``predict`` does."""
        return self.cls_head.predict(x, data_samples)

    def encode_video(self, inputs: Tensor) -> Tensor:
        """Encode preprocessed views (B, V, 3, T, H, W) as (B, V, D).

        The dot product with :meth:`encode_text`, times ``exp(logit_scale)``,
        is the logit.
        """
        x, _ = self.extract_feat(inputs, test_mode=True)
        video = self.cls_head.fuse(frame_features(x))
        return video.unflatten(0, inputs.shape[:2])


def _is_tuned(name: str, trainable: Sequence[str]) -> bool:
    """Tell whether one of the strings declares a parameter as tuned."""
    keys = [key for key in trainable if key in name]
    if 'token_embedding' in name:  # a part of the text tower, but never tuned
        keys = [key for key in keys if 'token_embedding' in key]
    return bool(keys)
