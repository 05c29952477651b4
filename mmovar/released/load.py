"""Load released weights: three lines from a file to logits."""

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from mmaction.models.recognizers import Recognizer3D
from mmaction.registry import MODELS
from mmengine.config import Config
from torch import Tensor, nn

from mmovar.models.heads.fusion import frame_features
from mmovar.vocabulary import read_classnames

from .conversion import Conversion, clip_part
from .files import Weights, build_fitting, open_released
from .format import LoadOptions


class ReleasedRecognizer(nn.Module):
    """A recognizer with released weights, in evaluation mode.

    ``recognizer`` is the model itself, a recognizer of MMAction2 whose config
    is ``config``; ``conversion`` tells where each key of the file went.

    Args:
        recognizer: The model, with its weights.
        config: Its config.
        conversion: Of its weights.
        classnames: Names in the order of the scores.
        num_frames: Frames T of a clip.
    """

    def __init__(
        self,
        recognizer: Recognizer3D,
        config: dict[str, Any],
        conversion: Conversion,
        classnames: Sequence[str],
        num_frames: int,
    ) -> None:
        super().__init__()
        self.recognizer = recognizer
        self.config = config
        self.conversion = conversion
        self.classnames = tuple(classnames)
        self.num_frames = num_frames
        self.eval()

    @torch.no_grad()
    def logits(self, video: Tensor) -> Tensor:
        """Score clips.

        Args:
            video: Normalised clips (B, T, 3, H, W), with mean and std of
                ``config['data_preprocessor']``.

        Returns:
            (B, C), temperature included.

        Raises:
            ValueError: If the release has no text and no base was given, or
                clips are of another size or number of frames.
        """
        if not self.recognizer.with_cls_head:
            raise ValueError(
                f'{self.conversion.format.name} files hold no text tower, so '
                'there are no logits: give base, the CLIP file it was tuned '
                'from, to load_released. video_features need no base'
            )
        return self.recognizer.cls_head(self._encode(video))

    forward = logits

    @torch.no_grad()
    def video_features(self, video: Tensor) -> Tensor:
        """Encode clips in CLIP's joint space.

        VCLIP and FROSTER score by the mean of unit frame features, which is
        shorter than 1; here it is normalised too.

        Args:
            video: See :meth:`logits`.

        Returns:
            (B, D), unit norm.

        Raises:
            ValueError: If the method scores a closed set of classes and has
                no feature in the joint space.
        """
        if self.config['backbone'].get('closed_set'):
            raise ValueError(
                'this ST-Adapter file scores a closed set of classes by its '
                'fc layer: it has no video feature in the joint space'
            )
        frames = frame_features(self._encode(video))
        head = getattr(self.recognizer, 'cls_head', None)
        fused = frames.mean(dim=1) if head is None else head.fuse(frames)
        return F.normalize(fused, dim=-1)

    def _encode(self, video: Tensor) -> Any:
        if video.ndim != 5 or video.shape[2] != 3:
            raise ValueError(
                f'video must be (B, T, 3, H, W), got {tuple(video.shape)}'
            )
        parameter = next(self.recognizer.backbone.parameters())
        video = video.to(parameter).transpose(1, 2).unsqueeze(1)
        return self.recognizer.extract_feat(video, test_mode=True)[0]


def load_released(
    file_or_state_dict: Weights,
    classnames: str | Sequence[str] | None = None,
    num_frames: int = 8,
    fmt: str = 'auto',
    base: Weights | None = None,
    dtype: torch.dtype | None = None,
    *,
    templates: str | Sequence[str] | None = None,
    quick_gelu: bool | None = None,
    alpha: float = 1.0,
    text_from_base: bool = False,
    skip_foreign: bool = False,
) -> ReleasedRecognizer:
    """Build the model of a release and load its weights.

    All sizes are read off the tensors. Every key of the file is used, or
    dropped for a reason (``.conversion``), or it is an error.

    Args:
        file_or_state_dict: A checkpoint as it was released, what
            ``tools/convert_weights.py`` made of it, or a state dict; with
            ``module.`` or not, in half precision or not.
        classnames: Names in the order of the scores, or what
            :func:`mmovar.vocabulary.read_classnames` knows, such as
            ``'kinetics400'``. Written as the release writes them. None for
            video features only.
        num_frames: Frames T of a clip. X-CLIP and Vita-CLIP have learned
            positions for one T only.
        fmt: A key of :data:`mmovar.released.FORMATS`; ``'auto'`` tells it by
            the keys.
        base: CLIP, for what the release does not contain: the token table
            of ViFi-CLIP and TC-CLIP, the tower of ST-Adapter, the text of
            Vita-CLIP. A file in any format of CLIP, a state dict, or a tag
            of open_clip such as ``'openai'``.
        dtype: Of the model; None is float32.
        templates: In place of the prompts of the release, such as
            ``'bare'``.
        quick_gelu: Activation, if it is not QuickGELU: False for most
            models of open_clip.
        alpha: Share of the release in its mix with ``base``; 1 is none. TC-
            CLIP's zero-shot numbers are at 0.7, Open-VCLIP's at 0.5 (0.4 for
            L/14).
        text_from_base: Whether the text tower is that of ``base``, as in
            Open-VCLIP's tests.
        skip_foreign: Whether a file may hold more than weights, which is
            skipped.

    Returns:
        The model in evaluation mode.

    Raises:
        FileNotFoundError: If a file is not there.
        ValueError: If the file is refused, keys are unknown, missing or of
            another shape, or options do not go with the format.
    """
    names: tuple[str, ...] = ()
    if classnames is not None and len(classnames):
        names = tuple(read_classnames(classnames))
    dtype = dtype or torch.float32
    conversion, quick_gelu = open_released(
        file_or_state_dict,
        fmt,
        base,
        quick_gelu,
        alpha,
        text_from_base,
        skip_foreign,
        dtype,
    )
    if names:
        _require_table(conversion)
    options = LoadOptions(names, num_frames, templates, quick_gelu)
    config = conversion.format.model(conversion.shapes, options)
    recognizer, _ = build_fitting(conversion, config, file_or_state_dict)
    recognizer.load_state_dict(
        {
            k: v.to(dtype if v.is_floating_point() else v.dtype, copy=True)
            for k, v in conversion.weights.items()
        },
        assign=True,
    )
    # built once more, with values
    recognizer.data_preprocessor = MODELS.build(config['data_preprocessor'])
    recognizer.cfg = Config(
        dict(model=config, test_pipeline=test_pipeline(config, num_frames))
    )
    if not hasattr(recognizer, 'classnames'):  # of MMAction2
        recognizer.classnames = names
    return ReleasedRecognizer(
        recognizer, config, conversion, names, num_frames
    )


def _require_table(conversion: Conversion) -> None:
    """Refuse a text tower without the table of its tokens."""
    parts = {clip_part(name) for name in conversion.weights}
    if 'text tower' in parts and 'token table' not in parts:
        raise ValueError(
            f'{conversion.format.name} files do not contain the token table '
            "of the text tower, it is CLIP's: give base, the CLIP file the "
            "model was tuned from (base='ViT-B-16.pt' or 'openai'). Without "
            'classnames, video features need no base'
        )


def test_pipeline(config: dict[str, Any], num_frames: int) -> list[dict]:
    """Make the pipeline of one centre crop of frames all over the video.

    Args:
        config: Of a recognizer.
        num_frames: Frames T.

    Returns:
        A pipeline of MMAction2, on video files.
    """
    arch = config.get('arch') or config['backbone']['arch']
    size = arch['vision_cfg']['image_size']
    return [
        dict(type='VideoInit'),
        dict(type='SegmentSample', num_frames=num_frames, test_mode=True),
        dict(type='VideoDecode'),
        dict(type='Resize', scale=(-1, round(size * 256 / 224))),
        dict(type='CenterCrop', crop_size=size),
        dict(type='FormatShape', input_format='NCTHW'),
        dict(type='PackActionInputs', meta_keys=('img_shape', 'filename')),
    ]
