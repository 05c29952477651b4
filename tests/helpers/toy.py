"""A small regression model and data that engine tests share."""

import copy
import math

import torch
from mmengine.model import BaseModel
from torch import nn


class Toy(BaseModel):
    """Two layers; the loss is mean squared error."""

    def __init__(self, seed=0):
        super().__init__()
        torch.manual_seed(seed)
        self.net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))

    def forward(self, inputs, targets=None, mode='tensor'):
        outputs = self.net(inputs)
        if mode == 'loss':
            return dict(loss_reg=(outputs - targets).pow(2).mean())
        return outputs


class ClipToy(Toy):
    """A toy that comes from CLIP, with a layer that CLIP lacks."""

    def __init__(self):
        super().__init__()
        self.added = torch.nn.Parameter(torch.zeros(2))

    def clip_state_dict(self):
        clip = Toy(seed=1).state_dict()
        return {key: value.clone() for key, value in clip.items()}


class Poisoned(ClipToy):
    """A toy some of whose losses or gradients are not finite.

    ``passes`` are numbers of training passes, from 0 on.
    """

    def __init__(self, passes, poison='factor', value=math.nan):
        super().__init__()
        self.passes, self.poison, self.value = passes, poison, value
        self.count = 0

    def forward(self, inputs, targets=None, mode='tensor'):
        found = super().forward(inputs, targets, mode)
        if mode != 'loss':
            return found
        loss = found['loss_reg']
        if self.count in self.passes:
            if self.poison == 'factor':
                loss = loss * self.value
            elif self.poison == 'constant':  # its gradient is finite
                loss = loss + self.value
            else:  # the loss is finite
                loss.register_hook(lambda grad: grad * self.value)
        self.count += 1
        return dict(loss_reg=loss)


def batch(size, seed=0):
    """Draw inputs and targets of unlike scale."""
    generator = torch.Generator().manual_seed(seed)
    return dict(
        inputs=torch.randn(size, 3, generator=generator),
        targets=3 * torch.randn(size, 2, generator=generator),
    )


def weights(model):
    """Return a flat copy of all parameters."""
    return torch.cat([p.detach().flatten() for p in model.parameters()])


def loss_of(model, data):
    """Compute the loss of a batch."""
    return model(**data, mode='loss')['loss_reg']


def flat_gradient(model, data, scale=1.0):
    grads = torch.autograd.grad(
        loss_of(model, data), list(model.net.parameters())
    )
    return scale * torch.cat([g.flatten() for g in grads])


def interpolated(model, alpha):
    """Copy a model to the place between CLIP and it."""
    moved = copy.deepcopy(model)
    for key, clip in model.clip_state_dict().items():
        moved.state_dict()[key].mul_(1 - alpha).add_(alpha * clip)
    return moved


def reference_step(
    model,
    optimizer,
    tasks,
    *,
    delta,
    inner,
    inner_lr,
    clip,
    support_weight=1.0,
):
    """Take one meta step by copying models and optimizers, in plain torch.

    ``tasks`` are pairs of a support and a query batch; ``inner`` names the
    inner optimizer.
    """
    total = [torch.zeros_like(p) for p in model.parameters()]
    for support, query in tasks:
        grads = torch.autograd.grad(
            loss_of(model, support), list(model.parameters())
        )
        fast = copy.deepcopy(model)
        for p, g in zip(fast.parameters(), grads, strict=True):
            p.grad = g.clone()
        if clip:
            nn.utils.clip_grad_norm_(fast.parameters(), clip)
        group = optimizer.param_groups[0]
        if inner == 'adamw':
            virtual = torch.optim.AdamW(fast.parameters())
            virtual.load_state_dict(copy.deepcopy(optimizer.state_dict()))
        else:
            virtual = torch.optim.SGD(fast.parameters())
        virtual.param_groups[0]['lr'] = (
            group['lr'] if inner_lr is None else inner_lr
        )
        virtual.step()
        query_grads = torch.autograd.grad(
            loss_of(fast, query), list(fast.parameters())
        )
        for t, g, q in zip(total, grads, query_grads, strict=True):
            t += (support_weight * g + delta * q) / len(tasks)
    for p, t in zip(model.parameters(), total, strict=True):
        p.grad = t
    if clip:
        nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.step()
    optimizer.zero_grad()
