"""Interpolated weight regularisation."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import numpy as np
from mmaction.registry import HOOKS
from mmengine.dist import get_rank
from mmengine.hooks import Hook
from mmengine.optim import OptimWrapper
from mmengine.runner import Runner
from torch import Tensor, nn

from ..interfaces import MetaStepper, StartsFromCLIP
from ..preprocess_once import PreprocessOnce
from ..unwrap_model import unwrap_model
from ..weights.clip_interpolation import ClipInterpolation


@HOOKS.register_module()
class IWRHook(Hook):
    r"""Regularise training by the loss at a point between weights and CLIP.

    Each iteration steps along

    .. math::
        g = \nabla L(\theta)
            + C \nabla_{\tilde\theta} L(\tilde\theta), \quad
        \tilde\theta = \alpha\theta_{CLIP} + (1 - \alpha)\theta, \quad
        \alpha \sim U(0, R)

    on one batch. The second gradient is that at :math:`\tilde\theta`, without
    the factor :math:`1 - \alpha`. The hook leaves it in ``.grad`` before the
    loop runs its own pass, which adds its own; so clipping sees the sum, both
    share one loss scale, and ranks exchange gradients once. Accumulation
    keeps its meaning: every iteration draws its alpha. The batch is
    preprocessed once. Whatever happens in the extra pass, the weights are
    back at :math:`\theta` after it. Memory grows by two copies of the
    weights that train.

    The model needs ``clip_state_dict()``, as ``CLIPRecognizer`` has it. Frozen
    weights and those that CLIP lacks stay as they are. If no weight of CLIP
    trains, as in learners of adapters or prompts alone, those that do move:
    instead of CLIP, the line begins where training began, which checkpoints
    keep as ``iwr_start``. That is our extension. Logged are ``iwr_alpha`` and
    ``iwr_loss``, the loss at :math:`\tilde\theta` before C.

    Source: Open-VCLIP (ICML 2023), Eq. 9 and Alg. 1; the values are those of
    section 5.1, and so is one alpha per rank in its code.

    Args:
        max_alpha: R, the largest share of CLIP, 0..1.
        loss_weight: C, >= 0.

    Raises:
        ValueError: If an argument is out of range; before training, if the
            model has no CLIP weights to go to, the optimizer wrapper takes
            no plain steps, or ``static_graph`` is set.
    """

    priority = 'LOW'  # next to the loop's own pass

    def __init__(
        self,
        max_alpha: float = 0.6,
        loss_weight: float = 0.5,
    ) -> None:
        if not 0 <= max_alpha <= 1:
            raise ValueError(f'max_alpha must be in 0..1, got {max_alpha}')
        if not 0 <= loss_weight < float('inf'):
            raise ValueError(
                f'loss_weight must be in [0, inf), got {loss_weight}'
            )
        self.max_alpha = max_alpha
        self.loss_weight = loss_weight
        self._start: dict[str, Tensor] = {}

    def before_train(self, runner: Runner) -> None:
        """Check the run and fetch CLIP's weights."""
        _check_wrapper(runner.optim_wrapper)
        if getattr(runner.model, 'static_graph', False):
            raise ValueError(
                'IWRHook needs static_graph=False: it runs a pass in which '
                'ranks exchange nothing'
            )
        self.seed = runner.seed
        model: nn.Module = unwrap_model(runner.model)
        if not isinstance(model, StartsFromCLIP):
            raise ValueError(
                'IWRHook needs a model with clip_state_dict(), such as '
                f'CLIPRecognizer, got {type(model).__name__}'
            )
        origin = self._find_origin(model.clip_state_dict(), model, runner.iter)
        self._weights = ClipInterpolation(model, origin)
        self._preprocess = PreprocessOnce(
            model.get_submodule('data_preprocessor')
        )
        if self._weights.strays:
            runner.logger.warning(
                'IWRHook: frozen weights differ from CLIP and stay as they '
                f'are: {self._weights.strays[:3]} and '
                f'{len(self._weights.strays[3:])} more'
            )

    def _find_origin(
        self, clip: dict[str, Tensor], model: nn.Module, iteration: int
    ) -> dict[str, Tensor]:
        """Return the weights at the other end of the line."""
        tuned = {n: p for n, p in model.named_parameters() if p.requires_grad}
        if tuned.keys() & clip.keys():
            return clip
        if iteration == 0:
            self._start = {n: p.detach().clone() for n, p in tuned.items()}
        return clip | self._start

    def before_save_checkpoint(
        self, runner: Runner, checkpoint: dict[str, Any]
    ) -> None:
        """Keep where training began, if it counts."""
        if self._start:
            checkpoint['iwr_start'] = self._start

    def after_load_checkpoint(
        self, runner: Runner, checkpoint: dict[str, Any]
    ) -> None:
        """Take over where the training to be resumed began."""
        self._start = checkpoint.get('iwr_start', {})

    def draw_alpha(self, iteration: int) -> float:
        """Draw the share of CLIP of an iteration on this rank.

        It depends on these and the run's seed only, so that a resumed run
        draws the same.
        """
        key = [self.seed, iteration, get_rank()]
        return np.random.default_rng(key).uniform(0, self.max_alpha)

    def before_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any = None
    ) -> None:
        """Leave the weighted gradient at the interpolated weights."""
        self._alpha = self.draw_alpha(runner.iter)
        first_pass = _FirstPass(runner.optim_wrapper, self.loss_weight)
        with self._preprocess.keep(), self._weights.at(1 - self._alpha):
            logs = runner.model.train_step(
                data_batch, optim_wrapper=first_pass
            )
        self._loss = logs['loss']

    def after_train_iter(self, runner: Runner, *args, **kwargs) -> None:
        """Log; the device is synchronised here, not earlier."""
        self._preprocess.release()
        runner.message_hub.update_scalars(
            {'train/iwr_alpha': self._alpha, 'train/iwr_loss': self._loss}
        )


class _FirstPass:
    """An optimizer wrapper that adds a gradient and does no more.

    Precision, loss scale and accumulation are those of the wrapper behind
    it, of which it leaves the count as it is.

    Args:
        wrapper: The one that steps.
        weight: Factor of the loss.
    """

    def __init__(self, wrapper: OptimWrapper, weight: float) -> None:
        self._wrapper, self._weight = wrapper, weight

    @contextmanager
    def optim_context(self, model: nn.Module) -> Iterator[None]:
        """Open a context of its own, in which ranks exchange nothing."""
        silence = getattr(model, 'no_sync', nullcontext)
        with silence(), self._wrapper.optim_context(model):
            yield

    def update_params(self, loss: Tensor) -> None:
        """Add the gradient of the weighted loss."""
        count = self._wrapper._inner_count
        loss = self._wrapper.scale_loss(loss * self._weight)
        try:
            self._wrapper.backward(loss)
        finally:
            self._wrapper._inner_count = count


def _check_wrapper(wrapper: Any) -> None:
    if not isinstance(wrapper, OptimWrapper) or isinstance(
        wrapper, MetaStepper
    ):
        raise ValueError(
            'IWRHook needs OptimWrapper or AmpOptimWrapper, got '
            f'{type(wrapper).__name__}'
        )
