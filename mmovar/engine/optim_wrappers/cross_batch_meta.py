"""Open-MeDe's cross-batch meta-optimisation as an optimizer wrapper."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from mmaction.registry import OPTIM_WRAPPERS
from mmengine.model import BaseModel
from mmengine.optim import AmpOptimWrapper, OptimWrapper
from torch import Tensor, nn
from torch.nn.utils import get_total_norm
from torch.optim import Optimizer

from .inner_step import INNER_STEPS, copies

Batch = dict[str, Any]
Log = tuple[str, dict[str, Tensor]]
_AT_ONCE = 32  # tensors of an inner step: bounds what it needs for a moment


@OPTIM_WRAPPERS.register_module()
class CrossBatchMetaOptimWrapper(OptimWrapper):
    r"""Cross-batch meta-optimisation.

    An episode has one or more tasks, each with a support and a query batch:

    .. math::
        \theta'_i &= \theta - \alpha \nabla L_{S_i}(\theta) \\
        g &= \frac{1}{n} \sum_i \big[ w \nabla L_{S_i}(\theta)
             + \delta \nabla_{\theta'_i} L_{Q_i}(\theta'_i) \big]

    and the optimizer takes one step from :math:`\theta` along :math:`g`,
    clipped as a whole. The support gradient stays in ``.grad`` and the query
    gradient is added to it, so ranks exchange gradients once an episode.
    Each process is a task (or several); the mean over processes is DDP's.
    Beside ``.grad``, memory grows by one copy of the trainable weights, and
    by one more of their gradients if a process has several tasks of its own;
    the inner step itself takes less than a copy, for a moment.

    Source: Open-MeDe (ICCV 2025), Eqs. 5 to 10, first order, which is
    ``support_weight=1``; with 0 it is first-order MAML (ICML 2017). Its code
    was never released. Read into it: batches pair without overlap; each task
    has fast weights of its own; the inner step is AdamW's and clipped like
    the outer one; ``delta`` weighs gradients (the paper calls it a learning
    rate; its value is lost and its Table 8 nearly flat in it).

    Whatever happens in an episode, the weights are back at :math:`\theta`
    after it. A support gradient that is not finite gives no inner step;
    ``SkipNonFiniteHook`` skips the outer step, as in any training.

    Args:
        args: Of the optimizer wrapper.
        delta: Weight of the query gradient, >= 0.
        support_weight: Weight w of the support gradient in the outer step,
            >= 0.
        inner_step: ``'adamw'`` (a virtual step of the outer AdamW) or
            ``'sgd'``.
        inner_lr: Inner step size alpha at the peak of the schedule, which it
            follows; None takes the outer learning rate, group by group.
        kwargs: Of the optimizer wrapper.

    Attributes:
        watch: If not None, called after each pass with ``'support'`` or
            ``'query'`` and the gradient the pass added, flat, up to a factor.
            The mean of it over processes is the gradient on all of them.

    Raises:
        ValueError: If an argument is out of range, or ``'adamw'`` meets
            another optimizer, amsgrad or maximize, or gradients are to be
            accumulated (use ``total_tasks`` of the loop) or clipped by value.
    """

    _inner_count: int

    def __init__(
        self,
        *args: Any,
        delta: float = 0.05,
        support_weight: float = 1.0,
        inner_step: str = 'adamw',
        inner_lr: float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        factors = dict(delta=delta, support_weight=support_weight)
        if inner_lr is not None:
            factors['inner_lr'] = inner_lr
        for name, value in factors.items():
            if not 0 <= value < float('inf'):
                raise ValueError(f'{name} must be in [0, inf), got {value}')
        if inner_step not in INNER_STEPS:
            raise ValueError(
                f'inner_step {inner_step!r} is none of {list(INNER_STEPS)}'
            )
        if inner_step == 'adamw':
            _check_adamw(self.optimizer)
        if self._accumulative_counts != 1:
            raise ValueError(
                f'accumulative_counts is {self._accumulative_counts}: use '
                'total_tasks of CrossBatchTrainLoop to accumulate over tasks'
            )
        if self.clip_grad_kwargs and self.grad_name != 'grad_norm':
            raise ValueError("clip_grad must be of type 'norm'")
        self.delta = delta
        self.support_weight = support_weight
        self.inner_step = inner_step
        self.inner_lr = inner_lr
        self.watch: Callable[[str, Tensor], None] | None = None
        self._loss_weight: float | None = None
        self._sync = True

    def meta_step(
        self, model: BaseModel, tasks: Sequence[dict[str, Batch]]
    ) -> list[Log]:
        """Update a model by an episode.

        Args:
            model: With the ``train_step`` of MMEngine's models.
            tasks: ``'support'`` and ``'query'`` batch of each task of this
                process, >= 1. One without a query batch adds its plain
                gradient.

        Returns:
            Role and log of each forward pass, in their order.
        """
        n, logs = len(tasks), []
        with self._episode():
            for i, task in enumerate(tasks):
                last = i == n - 1
                if 'query' not in task:
                    logs += self._run(model, task, 'support', 1 / n, last)
                    continue
                earlier = self._take_gradients()
                # g_S = grad L_S(theta)
                logs += self._run(model, task, 'support', 1 / n)
                # Eq. 6: theta' = theta - alpha g_S
                with self._fast_weights(n):
                    # g += w g_S + delta grad L_Q(theta')
                    self._weigh_support(earlier)
                    logs += self._run(
                        model, task, 'query', self.delta / n, last
                    )
            # Eq. 10: theta <- theta - beta g
            self.step()
        return logs

    def should_sync(self) -> bool:
        """Tell whether ranks exchange gradients in the present pass."""
        return self._sync

    def update_params(self, loss: Tensor) -> None:
        """Add the gradient of a pass; models call it in ``train_step``.

        Args:
            loss: Loss of the support or query batch, shape ().

        Raises:
            RuntimeError: If no episode is open.
        """
        if self._loss_weight is None:
            raise RuntimeError(
                f'{type(self).__name__} needs '
                "train_cfg=dict(type='CrossBatchTrainLoop', ...)"
            )
        self.backward(loss * self._loss_weight)

    @contextmanager
    def _episode(self) -> Iterator[None]:
        count = self._inner_count
        try:
            yield
        finally:
            self.zero_grad()
            self._loss_weight = None
            self._inner_count = count + 1  # an episode is one iteration

    def _run(
        self,
        model: BaseModel,
        task: dict[str, Batch],
        role: str,
        weight: float,
        sync: bool = False,
    ) -> list[Log]:
        """Add ``weight * grad L`` at the present weights to ``.grad``."""
        before = self._flat_gradient() if self.watch else 0.0
        self._loss_weight, self._sync = weight, sync
        log = model.train_step(task[role], optim_wrapper=self)
        if self.watch:
            self.watch(role, self._flat_gradient() - before)
        return [(role, log)]

    def _take_gradients(self) -> dict[nn.Parameter, Tensor]:
        """Keep the gradients of earlier tasks out of the next inner step."""
        taken = dict(self._gradients())
        for param in taken:
            param.grad = None
        return taken

    @torch.no_grad()
    def _weigh_support(self, earlier: dict[nn.Parameter, Tensor]) -> None:
        """Weigh ``.grad`` and add the gradients of earlier tasks to it."""
        present = dict(self._gradients())
        if present and self.support_weight != 1:
            torch._foreach_mul_(list(present.values()), self.support_weight)
        both = present.keys() & earlier.keys()
        if both:
            # in place in what is kept already: no third copy
            torch._foreach_add_(
                [earlier[p] for p in both], [present[p] for p in both]
            )
        for param, grad in earlier.items():
            param.grad = grad

    @contextmanager
    def _fast_weights(self, num_tasks: int) -> Iterator[None]:
        """Move the weights one inner step along ``.grad``, and back."""
        theta: list[tuple[list[Tensor], list[Tensor]]] = []
        try:
            self._take_inner_step(num_tasks, theta)
            yield
        finally:
            with torch.no_grad():
                for params, values in theta:
                    torch._foreach_copy_(params, values)

    @torch.no_grad()
    def _take_inner_step(
        self, num_tasks: int, theta: list[tuple[list[Tensor], list[Tensor]]]
    ) -> None:
        """Step along ``.grad``, which stays; put the weights in ``theta``."""
        scale: Tensor | float = num_tasks / self._loss_scale()
        norm = self._gradient_norm() * scale
        if not norm.isfinite():
            return
        scale = scale * self._clip_factor(norm)
        step = INNER_STEPS[self.inner_step]
        for group in self.optimizer.param_groups:
            moved = [p for p in group['params'] if p.grad is not None]
            for i in range(0, len(moved), _AT_ONCE):
                params = moved[i : i + _AT_ONCE]
                theta.append((params, copies(params)))
                step(
                    params,
                    list(torch._foreach_mul([p.grad for p in params], scale)),
                    [self.optimizer.state.get(p, {}) for p in params],
                    group,
                    self._inner_lr(group),
                )

    def _flat_gradient(self) -> Tensor:
        return torch.cat(
            [
                (torch.zeros_like(p) if p.grad is None else p.grad).flatten()
                for group in self.optimizer.param_groups
                for p in group['params']
                if p.requires_grad
            ]
        )

    def _gradients(self) -> Iterator[tuple[nn.Parameter, Tensor]]:
        """Yield parameters that have a gradient, and it."""
        for group in self.optimizer.param_groups:
            for param in group['params']:
                if param.grad is not None:
                    yield param, param.grad

    def _gradient_norm(self) -> Tensor:
        kind = (self.clip_grad_kwargs or {}).get('norm_type', 2.0)
        return get_total_norm([grad for _, grad in self._gradients()], kind)

    def _clip_factor(self, norm: Tensor) -> Tensor | float:
        if not self.clip_grad_kwargs:
            return 1.0
        # the rule of torch.nn.utils.clip_grad_norm_
        limit = self.clip_grad_kwargs['max_norm']
        return (limit / (norm + 1e-6)).clamp(max=1.0)

    def _inner_lr(self, group: dict[str, Any]) -> float:
        if self.inner_lr is None:
            return group['lr']
        peak = group.get('initial_lr', group['lr'])
        return self.inner_lr * group['lr'] / peak if peak else 0.0

    def _loss_scale(self) -> float:
        return 1.0


def _check_adamw(optimizer: Optimizer) -> None:
    if not isinstance(optimizer, torch.optim.AdamW):
        raise ValueError(
            "inner_step 'adamw' needs the optimizer AdamW, got "
            f"{type(optimizer).__name__}; or take inner_step 'sgd'"
        )
    for group in optimizer.param_groups:
        if group['amsgrad'] or group['maximize']:
            raise ValueError(
                "inner_step 'adamw' knows neither amsgrad nor maximize"
            )


@OPTIM_WRAPPERS.register_module()
class CrossBatchMetaAmpOptimWrapper(
    CrossBatchMetaOptimWrapper, AmpOptimWrapper
):
    """Cross-batch meta-optimisation with autocast.

    ``dtype='float16'`` scales the loss, and both passes of an episode share
    one scale. For ``dtype='bfloat16'`` give
    ``loss_scale=dict(enabled=False)``. All else as
    :class:`CrossBatchMetaOptimWrapper`.
    """

    def _loss_scale(self) -> float:
        return self.loss_scaler.get_scale()
