"""Move a model between CLIP's weights and its own, without files."""

import torch

from mmovar.engine.weights.patching import patch
from mmovar.models import CLIPRecognizer


class WeightSlider:
    """Set a built model to any point between CLIP and what it was tuned to.

    Only weights that differ from CLIP's are kept, once of CLIP and once of
    the model; those that CLIP lacks stay as they are.

    Args:
        model: With ``clip_state_dict()``, built with CLIP weights.

    Raises:
        ValueError: If the model was built without CLIP weights.
    """

    def __init__(self, model: CLIPRecognizer) -> None:
        self._model = model
        own = model.state_dict()
        differ = {
            key: value
            for key, value in model.clip_state_dict().items()
            if not torch.equal(own[key].cpu(), value.to(own[key].dtype))
        }
        self._clip = differ
        self._tuned = {key: own[key].clone() for key in differ}
        self.alpha = 1.0

    @property
    def moves(self) -> bool:
        """Whether some weight differs from CLIP's."""
        return bool(self._clip)

    def move_to(self, alpha: float) -> None:
        """Set the weights of the model.

        Args:
            alpha: Share of the fine-tuned, in 0..1, see
                :func:`mmovar.engine.weights.patching.patch`.

        Raises:
            ValueError: If ``alpha`` is out of range.
        """
        if alpha != self.alpha:
            weights = patch(self._clip, self._tuned, alpha)
            self._model.load_state_dict(weights, strict=False)
            self.alpha = alpha
