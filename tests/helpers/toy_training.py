"""Runs of the small regression model."""

import torch
from mmengine.dataset import DefaultSampler
from mmengine.hooks import Hook
from mmengine.runner import Runner

import mmovar  # noqa: F401

from .toy import ClipToy, Toy, batch, weights


class Samples(torch.utils.data.Dataset):
    """Deterministic samples that note their order."""

    def __init__(self, size=20):
        self.data = batch(size)
        self.size = size

    def __len__(self):
        return self.size

    def __getitem__(self, index):
        return {key: value[index] for key, value in self.data.items()}


def collate(samples):
    return {key: torch.stack([s[key] for s in samples]) for key in samples[0]}


def build_runner(folder, size=20, hooks=(), epochs=4, **overrides):
    """Build a meta training; keywords replace parts of it."""
    return Runner(
        **{
            **dict(
                model=Toy(),
                work_dir=str(folder),
                default_scope='mmaction',
                train_dataloader=dict(
                    dataset=Samples(size),
                    batch_size=8,
                    sampler=dict(type=DefaultSampler, shuffle=True, seed=7),
                    collate_fn=collate,
                    num_workers=0,
                ),
                train_cfg=dict(
                    type='CrossBatchTrainLoop',
                    max_epochs=epochs,
                    total_tasks=1,
                ),
                optim_wrapper=dict(
                    type='CrossBatchMetaOptimWrapper',
                    optimizer=dict(type='AdamW', lr=0.05),
                    delta=0.5,
                    clip_grad=dict(max_norm=1.0),
                ),
                param_scheduler=dict(
                    type='CosineAnnealingLR',
                    T_max=epochs,
                    by_epoch=True,
                    convert_to_iter_based=True,
                ),
                default_hooks=dict(
                    checkpoint=dict(type='CheckpointHook', interval=1)
                ),
                custom_hooks=list(hooks),
                randomness=dict(seed=0),
                log_level='ERROR',
                experiment_name=f'{folder.name}{len(list(folder.iterdir()))}',
            ),
            **overrides,
        }
    )


def plain_runner(folder, hooks, model=None, epochs=1, size=20, **overrides):
    """Build an epoch of plain training."""
    wrapper = dict(
        optimizer=dict(type='AdamW', lr=0.05), clip_grad=dict(max_norm=1.0)
    )
    overrides = {
        **dict(train_cfg=dict(by_epoch=True, max_epochs=epochs)),
        **dict(optim_wrapper=wrapper, model=model or ClipToy()),
        **overrides,
    }
    return build_runner(folder, size, hooks, epochs, **overrides)


class Spy(Hook):
    """Note batches, weights and learning rates of every iteration."""

    priority = 'VERY_LOW'

    def __init__(self):
        self.batches, self.weights, self.rates = [], [], []

    def before_train_iter(self, runner, batch_idx, data_batch):
        self.rates.append(runner.optim_wrapper.get_lr()['lr'][0])
        self.batches.append(data_batch)

    def after_train_iter(self, runner, **kwargs):
        self.weights.append(weights(runner.model))


def run_total_batch(
    folder, total, size=20, batch_size=4, epochs=2, hooks=None, **other
):
    """Train with a total batch; return the runner and its ``Spy``."""
    spy = Spy()
    settings = dict(
        train_cfg=dict(
            type='OpenVocabularyTrainLoop',
            max_epochs=epochs,
            total_batch_size=total,
        ),
        train_dataloader=dict(
            dataset=Samples(size),
            batch_size=batch_size,
            sampler=dict(type=DefaultSampler, shuffle=True, seed=7),
            collate_fn=collate,
            num_workers=0,
        ),
        optim_wrapper=dict(optimizer=dict(type='AdamW', lr=0.05)),
        param_scheduler=dict(
            type='TimmCosineLR',
            warmup=0,
            eta_min_ratio=0.01,
            convert_to_iter_based=True,
        ),
    )
    hooks = [spy] if hooks is None else hooks
    runner = build_runner(folder, size, hooks, epochs, **{**settings, **other})
    runner.train()
    return runner, spy


class BarePass:
    """The loop's own pass, by hand."""

    def __init__(self, model, wrapper):
        self.model, self.optim_wrapper, self.seed = model, wrapper, 0
        self.iter = 0
        self.logger = None
        self.message_hub = wrapper.message_hub

    def step(self, hook, data):
        hook.before_train_iter(self, 0, data)
        self.model.train_step(data, optim_wrapper=self.optim_wrapper)
        self.iter += 1
