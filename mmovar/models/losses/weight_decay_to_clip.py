"""A quadratic penalty on the way from CLIP's weights."""

from typing import Any

import torch
from mmaction.registry import MODELS
from torch import Tensor, nn

from ..recognizers import CLIPRecognizer


@MODELS.register_module()
class WeightDecayToCLIP(nn.Module):
    r"""L2 regularisation towards CLIP instead of zero.

    .. math:: \frac{w}{2} \sum_i (\theta_i - \theta_{CLIP, i})^2

    over the trained parameters that CLIP has. CLIP's values of them are read
    at the first call, kept once on the device and not in the state dict.
    Values and gradients are computed for all parameters at once.

    Source: Open-VCLIP (ICML 2023), section 5.3 and Table 5, "l2-reg", with a
    weight of 0.5. The factor of one half is that of its released code; the
    text can be read without it, which is w = 1.

    Args:
        recognizer: The model, of which ``clip_state_dict()`` is used.
        weight: w, >= 0.

    Raises:
        ValueError: If ``weight`` is negative, or the model was built without
            CLIP weights.
    """

    def __init__(
        self, recognizer: CLIPRecognizer, weight: float = 0.5
    ) -> None:
        super().__init__()
        if not 0 <= weight < float('inf'):
            raise ValueError(f'weight must be in [0, inf), got {weight}')
        require_clip(recognizer, type(self).__name__)
        self.weight = weight
        self._reference = _Reference()

    def forward(
        self,
        recognizer: CLIPRecognizer,
        inputs: Tensor,
        features: dict[str, Any],
    ) -> dict[str, Tensor]:
        """Return ``loss_weight_decay``; inputs and features are not used."""
        if not self._reference.tensors:
            self._reference.fill(recognizer)
        parameters = dict(recognizer.named_parameters())
        distance = _SquaredDistance.apply(
            list(self._reference.tensors.values()),
            *(parameters[name] for name in self._reference.tensors),
        )
        return dict(loss_weight_decay=0.5 * self.weight * distance)


def require_clip(recognizer: CLIPRecognizer, name: str) -> None:
    """Raise a ValueError if a model has no CLIP reference."""
    if recognizer.weights is None:
        raise ValueError(
            f'{name} needs a model with a CLIP reference, this one was built '
            'with weights=None; give a tag or a file'
        )


class _Reference:
    """CLIP's values of the trained parameters; copies of models share it."""

    def __init__(self) -> None:
        self.tensors: dict[str, Tensor] = {}

    def fill(self, recognizer: CLIPRecognizer) -> None:
        clip = recognizer.clip_state_dict()
        self.tensors = {
            name: clip[name].to(parameter)
            for name, parameter in recognizer.named_parameters()
            if parameter.requires_grad and name in clip
        }

    def __deepcopy__(self, memo: dict[int, Any]) -> '_Reference':
        return self


class _SquaredDistance(torch.autograd.Function):
    """Sum of squared differences that keeps no difference for backward."""

    @staticmethod
    def forward(
        ctx: Any, references: list[Tensor], *parameters: Tensor
    ) -> Tensor:
        ctx.references = references
        ctx.save_for_backward(*parameters)
        differences = torch._foreach_sub(list(parameters), references)
        norms = torch._foreach_norm(differences)
        return torch.stack(norms).square().sum()

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        parameters = list(ctx.saved_tensors)
        gradients = torch._foreach_sub(parameters, ctx.references)
        torch._foreach_mul_(gradients, 2 * grad)
        return None, *gradients
