"""One update from several micro-batches, on any number of processes."""

import pytest
import torch
from mmengine.dataset import DefaultSampler
from mmengine.hooks import Hook
from mmengine.optim.optimizer import amp_optimizer_wrapper

from helpers.toy import ClipToy, Toy, loss_of, weights
from helpers.toy_training import (
    Samples,
    Spy,
    build_runner,
    run_total_batch,
)
from mmovar.engine.hooks import IWRHook

LOOPS = [
    dict(type='OpenVocabularyTrainLoop'),
    dict(type='OpenVocabularyTrainLoop', total_batch_size=8),
    dict(type='CrossBatchTrainLoop', total_tasks=1),
]


def test_updates_are_those_of_the_total_batch_and_leftovers_are_dropped(
    tmp_path,
):
    # 5 micro-batches an epoch, 2 an update: the fifth is dropped
    runner, spy = run_total_batch(tmp_path, total=8)
    model = Toy()
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.05)
    expected = []
    for i, micro_batch in enumerate(spy.batches):
        position = i % 5
        if position in (1, 3):
            both = {
                k: torch.cat([spy.batches[i - 1][k], v])
                for k, v in micro_batch.items()
            }
            optimizer.param_groups[0]['lr'] = spy.rates[i]
            optimizer.zero_grad()
            loss_of(model, both).backward()
            optimizer.step()
        expected.append(weights(model))
    assert len(spy.weights) == 10
    assert torch.allclose(
        torch.stack(spy.weights), torch.stack(expected), atol=1e-6
    )
    assert not torch.equal(expected[1], expected[3])
    # the rate moves with the updates only
    assert spy.rates[0] == spy.rates[1] == 0.05
    assert spy.rates[2] == spy.rates[3] < spy.rates[1]
    assert spy.rates[4] == spy.rates[5] == spy.rates[6] < spy.rates[3]


def test_resumed_training_ends_with_the_same_weights(tmp_path):
    whole, half = tmp_path / 'whole', tmp_path / 'half'
    for folder in (whole, half):
        folder.mkdir()
    straight, _ = run_total_batch(whole, total=8, epochs=3)

    class Stop(Hook):
        def after_train_epoch(self, runner):
            runner.train_loop.stop_training = runner.epoch == 1

    run_total_batch(half, total=8, epochs=3, hooks=[Stop()])
    resumed, _ = run_total_batch(half, total=8, epochs=3, resume=True)
    assert resumed.iter == straight.iter == 15
    assert torch.equal(weights(resumed.model), weights(straight.model))


def test_number_of_processes_counts(tmp_path, monkeypatch):
    module = 'mmovar.engine.loops.open_vocabulary_loops.get_world_size'
    monkeypatch.setattr(module, lambda: 2)
    runner, _ = run_total_batch(tmp_path, total=16)
    assert runner.optim_wrapper._accumulative_counts == 2
    assert runner.train_dataloader.batch_size == 4


def test_a_process_reads_no_more_than_its_share(tmp_path, monkeypatch):
    module = 'mmovar.engine.loops.open_vocabulary_loops.get_world_size'
    monkeypatch.setattr(module, lambda: 4)
    runner, _ = run_total_batch(tmp_path, total=8)
    assert runner.optim_wrapper._accumulative_counts == 1
    assert runner.train_dataloader.batch_size == 2


def test_epoch_too_short_for_an_update_is_refused(tmp_path):
    with pytest.raises(ValueError, match='5 batches of 4, .* takes 6'):
        run_total_batch(tmp_path, total=24)


@pytest.mark.parametrize('schedule', ['TimmCosineLR', 'CosineAnnealingLR'])
@pytest.mark.parametrize('converted', [True, False])
@pytest.mark.parametrize('loop', LOOPS)
def test_fewer_videos_than_a_batch_are_refused(
    tmp_path, loop, schedule, converted
):
    own = dict(warmup=0, eta_min_ratio=0.1)
    scheduler = dict(
        type=schedule, by_epoch=True, convert_to_iter_based=converted
    )
    runner = build_runner(
        tmp_path,
        train_cfg=dict(max_epochs=2, **loop),
        train_dataloader=dict(
            dataset=Samples(5),
            batch_size=8,
            drop_last=True,
            sampler=dict(type=DefaultSampler, shuffle=True),
            num_workers=0,
        ),
        param_scheduler=scheduler
        | (own if schedule == 'TimmCosineLR' else dict(T_max=2)),
    )
    with pytest.raises(ValueError, match='the 5 videos .* 0 batches of 8'):
        runner.train()
    assert not list(tmp_path.glob('*.pth'))


def test_accumulation_beyond_the_end_of_an_epoch_is_refused(tmp_path):
    wrapper = dict(
        optimizer=dict(type='AdamW', lr=0.05), accumulative_counts=2
    )
    text = 'accumulative_counts=2 does not divide an epoch of 5 batches'
    with pytest.raises(ValueError, match=text):
        run_total_batch(tmp_path, total=None, optim_wrapper=wrapper)
    wrapper['accumulative_counts'] = 5
    runner, _ = run_total_batch(tmp_path, total=None, optim_wrapper=wrapper)
    assert runner.epoch == 2


def test_wrapper_that_accumulates_by_itself_is_refused(tmp_path):
    optimizer = dict(type='AdamW', lr=0.05)
    wrapper = dict(optimizer=optimizer, accumulative_counts=2)
    with pytest.raises(ValueError, match='accumulative_counts follows from'):
        run_total_batch(tmp_path, total=8, optim_wrapper=wrapper)


def test_without_a_total_each_batch_is_an_update(tmp_path):
    runner, spy = run_total_batch(tmp_path, total=None)
    assert len({tuple(w.tolist()) for w in spy.weights}) == 10
    assert isinstance(runner.train_dataloader.dataset, Samples)


def test_mixed_precision_accumulates_alike(tmp_path, monkeypatch):
    monkeypatch.setattr(amp_optimizer_wrapper, 'is_cuda_available', lambda: 1)
    monkeypatch.setattr(
        amp_optimizer_wrapper,
        'GradScaler',
        lambda **kwargs: torch.amp.GradScaler('cpu', **kwargs),
    )
    wrapper = dict(
        type='AmpOptimWrapper',
        optimizer=dict(type='SGD', lr=0.1),
        dtype='bfloat16',
        loss_scale=dict(init_scale=4.0),
    )
    _, spy = run_total_batch(tmp_path, total=8, optim_wrapper=wrapper)
    moved = [
        not torch.equal(before, after)
        for before, after in zip(spy.weights, spy.weights[1:], strict=False)
    ]
    assert moved == [True, False, True, False, False, True, False, True, False]


def test_iwr_takes_micro_batches(tmp_path):
    hooks = [IWRHook(), spy := Spy()]
    run_total_batch(tmp_path, total=8, epochs=1, hooks=hooks, model=ClipToy())
    moved = [
        not torch.equal(before, after)
        for before, after in zip(spy.weights, spy.weights[1:], strict=False)
    ]
    assert moved == [True, False, True, False]
