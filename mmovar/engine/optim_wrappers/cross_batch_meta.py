"""Open-MeDe's cross-batch meta-optimisation as an optimizer wrapper."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from mmaction.registry import OPTIM_WRAPPERS
from mmengine.logging import print_log
from mmengine.optim import AmpOptimWrapper, OptimWrapper
from torch import Tensor, nn
from torch.optim import Optimizer

from .gradient_agreement import GradientAgreement
from .inner_step import INNER_STEPS


class Pass(NamedTuple):
    """One forward and backward pass of an episode.

    Attributes:
        role: ``'support'`` or ``'query'``.
        task: Index of the task on this process.
        sync: Whether ranks exchange gradients in it.
        adapt: Whether the weights move to the fast weights after it.
        restore: Whether the weights move back after it.
        last: Whether the optimizer steps after it.
    """

    role: str
    task: int
    sync: bool
    adapt: bool
    restore: bool
    last: bool


def plan_passes(
    num_tasks: int, shared: bool = False, query: bool = True
) -> list[Pass]:
    """Order the passes of an episode.

    Args:
        num_tasks: Tasks on this process, >= 1.
        shared: Whether all tasks share their fast weights, so that all
            support passes come first.
        query: Whether there are query passes.
    """
    tasks, end = range(num_tasks), num_tasks - 1
    if not query:
        return [
            Pass('support', i, i == end, False, False, i == end) for i in tasks
        ]
    support = [
        Pass(
            'support',
            i,
            sync=shared and i == end,
            adapt=not shared or i == end,
            restore=False,
            last=False,
        )
        for i in tasks
    ]
    queries = [
        Pass(
            'query',
            i,
            sync=i == end,
            adapt=False,
            restore=not shared or i == end,
            last=i == end,
        )
        for i in tasks
    ]
    if shared:
        return support + queries
    return [p for pair in zip(support, queries, strict=True) for p in pair]


class CrossBatchMetaMixin:
    r"""The meta step, to be put before an optimizer wrapper of MMEngine.

    An episode has one or more tasks, each with a support and a query batch:

    .. math::
        \theta'_i &= \theta - \alpha \nabla L_{S_i}(\theta) \\
        g &= \frac{1}{n} \sum_i \nabla L_{S_i}(\theta)
             + \delta \nabla_{\theta'_i} L_{Q_i}(\theta'_i)

    and the optimizer takes one step from :math:`\theta` along :math:`g`,
    clipped as a whole. The support gradient stays in ``.grad`` and the query
    gradient is added to it, so ranks exchange gradients once an episode.
    Each process is a task (or several); the mean over processes is DDP's.
    Beside ``.grad``, memory grows by one copy of the trainable weights, and
    by one more of their gradients if a process has several tasks of its own.

    Source: Open-MeDe (ICCV 2025), Eqs. 5 to 10, first order. Its code was
    never released. Read into it: batches pair without overlap; the inner
    step is AdamW's and clipped like the outer one; ``delta`` weighs
    gradients (the paper calls it a learning rate; its value is lost and its
    Table 8 nearly flat in it).

    ``agreement`` measures the cosine of the two gradients where asked to, see
    :class:`GradientAgreement` and ``WatchHook``.

    Whatever happens in an episode, the weights are back at :math:`\theta`
    after it. A support gradient that is not finite gives no inner step, and
    a sum that is not finite gives no outer step.

    Args:
        args: Of the optimizer wrapper.
        delta: Weight of the query gradient, >= 0.
        inner_step: ``'adamw'`` (a virtual step of the outer AdamW) or
            ``'sgd'``.
        inner_lr: Inner step size alpha at the peak of the schedule, which it
            follows; None takes the outer learning rate, group by group.
        shared: Whether fast weights come from the mean support gradient of
            all tasks and ranks, which costs a second all-reduce; by default
            each task has its own.
        kwargs: Of the optimizer wrapper.

    Raises:
        ValueError: If an argument is out of range, or ``'adamw'`` meets
            another optimizer, amsgrad or maximize, or gradients are to be
            accumulated (use ``num_tasks`` of the loop) or clipped by value.
    """

    def __init__(
        self,
        *args,
        delta: float = 0.05,
        inner_step: str = 'adamw',
        inner_lr: float | None = None,
        shared: bool = False,
        **kwargs,
    ) -> None:
        super().__init__(*args, **kwargs)
        if delta < 0:
            raise ValueError(f'delta must be >= 0, got {delta}')
        if inner_lr is not None and inner_lr < 0:
            raise ValueError(f'inner_lr must be >= 0 or None, got {inner_lr}')
        if inner_step not in INNER_STEPS:
            raise ValueError(
                f'inner_step {inner_step!r} is none of {list(INNER_STEPS)}'
            )
        if inner_step == 'adamw':
            _check_adamw(self.optimizer)
        if self._accumulative_counts != 1:
            raise ValueError(
                f'accumulative_counts is {self._accumulative_counts}: use '
                'num_tasks of CrossBatchTrainLoop to accumulate over tasks'
            )
        if self.clip_grad_kwargs and self.grad_name != 'grad_norm':
            raise ValueError("clip_grad must be of type 'norm'")
        self.delta = delta
        self.inner_step = inner_step
        self.inner_lr = inner_lr
        self.shared = shared
        self._pass: Pass | None = None
        self._num_tasks = 1
        self._moved: list[nn.Parameter] = []
        self._theta: dict[nn.Parameter, Tensor] = {}
        self._set_aside: dict[nn.Parameter, Tensor] = {}
        self.agreement = GradientAgreement(
            [p for g in self.optimizer.param_groups for p in g['params']]
        )

    @contextmanager
    def episode(
        self, num_tasks: int = 1, query: bool = True
    ) -> Iterator[Iterator[Pass]]:
        """Open an episode; the passes must be run in the order given.

        Args:
            num_tasks: Tasks on this process, >= 1.
            query: Whether tasks have query batches; without, the step is a
                plain one.

        Yields:
            The passes, each for one ``train_step``.

        Example:
            >>> with wrapper.episode(2) as passes:  # doctest: +SKIP
            ...     for p in passes:
            ...         batch = tasks[p.task][p.role]
            ...         model.train_step(batch, optim_wrapper=wrapper)
        """
        self._num_tasks = num_tasks
        try:
            yield self._run(plan_passes(num_tasks, self.shared, query))
        finally:
            self._restore()
            self._set_aside.clear()
            self.agreement.forget()
            self.zero_grad()
            self._pass = None

    def _run(self, passes: list[Pass]) -> Iterator[Pass]:
        for now in passes:
            if now.adapt and now.task and not self.shared:
                self._set_gradients_aside()
            self._pass = now
            yield now

    def should_sync(self) -> bool:
        """Tell whether ranks exchange gradients in the present pass."""
        return self._current().sync

    def update_params(
        self,
        loss: Tensor,
        step_kwargs: dict[str, Any] | None = None,
        zero_kwargs: dict[str, Any] | None = None,
    ) -> None:
        """Add the gradient of a pass and do what its place asks for.

        Args:
            loss: Loss of the support or query batch, shape ().
            step_kwargs: Of ``optimizer.step``.
            zero_kwargs: Of ``optimizer.zero_grad``.

        Raises:
            RuntimeError: If no episode is open.
        """
        now = self._current()
        weight = self.delta if now.role == 'query' else 1.0
        self.backward(loss * (weight / self._num_tasks))
        watched = self.agreement.wanted and now.task == self._num_tasks - 1
        if now.adapt:
            if watched:
                self.agreement.keep_support()
            earlier = bool(self._set_aside)
            self._adapt()
            if watched:
                self.agreement.keep_before_query(earlier)
        elif watched and now.last:
            self.agreement.measure()
        if now.restore:
            self._restore()
        if now.last:
            self.step(**(step_kwargs or {}))
            self.zero_grad(**(zero_kwargs or {}))
        else:
            self._inner_count -= 1  # an episode counts as one iteration

    def step(self, **kwargs) -> None:
        """Step the optimizer, unless the gradient is not finite.

        The gradient is already the mean over ranks, so all of them agree.
        """
        if self._scaler_guards() or self._gradient_norm().isfinite():
            super().step(**kwargs)
        else:
            print_log(
                'the gradient of an episode is not finite; it is skipped',
                logger='current',
                level=logging.WARNING,
            )

    def _current(self) -> Pass:
        if self._pass is None:
            raise RuntimeError(
                f'{type(self).__name__} needs '
                "train_cfg=dict(type='CrossBatchTrainLoop', ...)"
            )
        return self._pass

    @torch.no_grad()
    def _adapt(self) -> None:
        """Move the weights to the fast weights; gradients stay as they are."""
        scale = (1 if self.shared else self._num_tasks) / self._loss_scale()
        norm = self._gradient_norm() * scale
        if norm.isfinite():
            scale = scale * self._clip_factor(norm)
            for group, param in self._with_gradient():
                self._save(param)
                INNER_STEPS[self.inner_step](
                    param,
                    param.grad * scale,
                    self.optimizer.state.get(param, {}),
                    group,
                    self._inner_lr(group),
                )
        for param, grad in self._set_aside.items():
            if param.grad is None:
                param.grad = grad
            else:
                param.grad.add_(grad)
        self._set_aside.clear()

    @torch.no_grad()
    def _restore(self) -> None:
        """Move the weights back, if they were moved."""
        for param in self._moved:
            param.copy_(self._theta[param])
        self._moved.clear()

    def _save(self, param: nn.Parameter) -> None:
        if param in self._theta:
            self._theta[param].copy_(param)
        else:
            self._theta[param] = param.detach().clone()
        self._moved.append(param)

    def _set_gradients_aside(self) -> None:
        """Keep the gradients of earlier tasks out of the next inner step."""
        for _, param in self._with_gradient():
            self._set_aside[param], param.grad = param.grad, None

    def _with_gradient(self) -> list[tuple[dict[str, Any], nn.Parameter]]:
        return [
            (group, param)
            for group in self.optimizer.param_groups
            for param in group['params']
            if param.grad is not None
        ]

    def _gradient_norm(self) -> Tensor:
        kind = (self.clip_grad_kwargs or {}).get('norm_type', 2.0)
        norms = [
            torch.linalg.vector_norm(param.grad, kind)
            for _, param in self._with_gradient()
        ]
        return torch.linalg.vector_norm(torch.stack(norms), kind)

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

    def _scaler_guards(self) -> bool:
        """Tell whether a loss scaler skips steps that are not finite."""
        return False


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
class CrossBatchMetaOptimWrapper(CrossBatchMetaMixin, OptimWrapper):
    """Cross-batch meta-optimisation, see :class:`CrossBatchMetaMixin`."""


@OPTIM_WRAPPERS.register_module()
class CrossBatchMetaAmpOptimWrapper(CrossBatchMetaMixin, AmpOptimWrapper):
    """Cross-batch meta-optimisation with autocast.

    ``dtype='float16'`` scales the loss, and both passes of an episode share
    one scale. For ``dtype='bfloat16'`` give
    ``loss_scale=dict(enabled=False)``. All else as
    :class:`CrossBatchMetaOptimWrapper`.
    """

    def _loss_scale(self) -> float:
        return self.loss_scaler.get_scale()

    def _scaler_guards(self) -> bool:
        return self.loss_scaler.is_enabled()
