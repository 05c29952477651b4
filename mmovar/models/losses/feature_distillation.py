"""FROSTER's residual feature distillation from frozen CLIP."""

import torch
import torch.nn.functional as F
from mmaction.registry import MODELS
from torch import Tensor, nn

from mmovar.clip import TextTransformer, split_clip
from mmovar.clip.config import Arch

from ..backbones import CLIPViT
from ..frozen import Frozen
from ..heads import TextHead
from ..recognizers import CLIPRecognizer
from .weight_decay_to_clip import require_clip


@MODELS.register_module()
class FeatureDistillation(nn.Module):
    r"""Keep features near those of frozen, frame-wise CLIP.

    .. math::
        w \left[1 - \cos(f + \alpha P(f), f_{CLIP})\right]

    as a mean over frames, and, if the text tower is tuned, the same over the
    text features of the classes. :math:`f` has unit norm; P is a linear
    layer, GELU and a linear layer that starts at zero. Classification uses f
    itself, so the projections are idle at test.

    The teacher is loaded at the first call, from the weights that the model
    was built with. It reads the same preprocessed inputs. Its text features
    are computed once per vocabulary.

    Source: FROSTER (ICLR 2024); the values are those of its
    released code.

    Args:
        recognizer: The student; arch and weights of its CLIP are used.
        weight: w of either term, >= 0.
        alpha: Weight of the projection, >= 0.

    Raises:
        ValueError: If a number is negative, or the student was built without
            CLIP weights.
    """

    def __init__(
        self,
        recognizer: CLIPRecognizer,
        weight: float = 2.0,
        alpha: float = 0.1,
    ) -> None:
        super().__init__()
        if not all(0 <= value < float('inf') for value in (weight, alpha)):
            raise ValueError(
                'weight and alpha must be in [0, inf), got '
                f'{weight} and {alpha}'
            )
        require_clip(recognizer, type(self).__name__)
        self.weight, self.alpha = weight, alpha
        width = recognizer.cls_head.in_channels
        self.visual = _projection(width)
        if recognizer.cls_head.text_trainable:
            self.text = _projection(width)
        self._teacher: Frozen[_Teacher] | None = None
        self._prompts = torch.empty(0)
        self._classnames: tuple[str, ...] = ()

    def forward(
        self,
        recognizer: CLIPRecognizer,
        inputs: Tensor,
        features: dict[str, Tensor],
    ) -> dict[str, Tensor]:
        """Compare the features of a training step with the teacher's.

        Args:
            recognizer: The student.
            inputs: Preprocessed views (B, V, 3, T, H, W).
            features: ``frames`` (B V, T, D) of any scale, ``text`` (C, D) of
                unit norm.

        Returns:
            ``loss_distill_visual`` and, if text is tuned,
            ``loss_distill_text``.
        """
        if self._teacher is None:
            with torch.random.fork_rng([]):
                self._teacher = _load_teacher(
                    recognizer, hasattr(self, 'text')
                )
        teacher = self._teacher.on(inputs.device)
        with torch.no_grad():
            frames = teacher.vision(inputs.flatten(0, 1))
        student = F.normalize(features['frames'].float(), dim=-1)
        losses = dict(
            loss_distill_visual=self._compare(self.visual, student, frames)
        )
        if teacher.text is not None:
            losses['loss_distill_text'] = self._compare(
                self.text,
                features['text'],
                self._teach_text(teacher.text, recognizer.cls_head),
            )
        return losses

    def _compare(
        self, projection: nn.Module, student: Tensor, teacher: Tensor
    ) -> Tensor:
        with torch.autocast(student.device.type, enabled=False):
            student = student.float()
            student = student + self.alpha * projection(student)
            cosines = F.cosine_similarity(student, teacher.float(), dim=-1)
            return self.weight * (1 - cosines.mean())

    @torch.no_grad()
    def _teach_text(self, text: TextTransformer, head: TextHead) -> Tensor:
        """Average the prompts that the student drew, (C, D)."""
        device = text.text_projection.device
        if head.classnames != self._classnames:
            with torch.autocast(device.type, enabled=False):
                self._prompts = head.encode_prompts(text)
            self._classnames = head.classnames
        return self._prompts.to(device)[head.drawn_prompts].mean(dim=0)


def _projection(width: int) -> nn.Sequential:
    first, last = (nn.Linear(width, width, bias=False) for _ in range(2))
    nn.init.kaiming_normal_(first.weight)
    nn.init.zeros_(last.weight)
    return nn.Sequential(first, nn.GELU(), last)


class _Teacher(nn.Module):
    """CLIP's towers, vision alone if text is not tuned."""

    def __init__(self, arch: Arch, with_text: bool) -> None:
        super().__init__()
        self.vision = CLIPViT(arch)
        self.text = TextTransformer(arch) if with_text else None


def _load_teacher(
    recognizer: CLIPRecognizer, with_text: bool
) -> Frozen[_Teacher]:
    with torch.device('meta'):
        teacher = _Teacher(recognizer.arch, with_text)
    clip = split_clip(recognizer.read_clip())
    teacher.vision.load_state_dict(clip.visual, assign=True)
    if teacher.text is not None:
        teacher.text.load_state_dict(clip.text, assign=True)
    return Frozen(teacher.requires_grad_(False))
