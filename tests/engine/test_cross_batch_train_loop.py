import pytest
import torch

import mmovar  # noqa: F401
from helpers.toy import weights
from helpers.toy_training import Samples, build_runner, collate
from mmovar.engine.loops.cross_batch_train_loop import split_tasks


def test_neighbours_pair_as_support_and_query():
    data = dict(inputs=list(range(8)), data_samples=list('abcdefgh'))
    first, second = split_tasks(data, num_tasks=2)
    assert first['support'] == dict(inputs=[0, 1], data_samples=['a', 'b'])
    assert first['query'] == dict(inputs=[2, 3], data_samples=['c', 'd'])
    assert second['support']['inputs'] == [4, 5]
    assert second['query']['inputs'] == [6, 7]


@pytest.mark.parametrize('size', [2, 3, 5, 7, 11])
@pytest.mark.parametrize('num_tasks', [1, 2, 4])
def test_odd_batches_lose_no_sample(size, num_tasks):
    tasks = split_tasks(dict(inputs=torch.arange(size)), num_tasks)
    parts = [t[role]['inputs'] for t in tasks for role in ('support', 'query')]
    assert torch.cat(parts).tolist() == list(range(size))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_a_single_sample_is_a_support_batch_alone():
    assert split_tasks(dict(inputs=[1]), 2) == [dict(support=dict(inputs=[1]))]


@pytest.mark.parametrize('size', [17, 18, 20])
def test_short_last_batches_train_and_count_as_iterations(tmp_path, size):
    runner = build_runner(tmp_path, size=size, epochs=2)
    start = weights(runner.model)
    runner.train()
    assert runner.iter == 2 * 3
    assert not torch.equal(weights(runner.model), start)
    assert weights(runner.model).isfinite().all()


@pytest.mark.parametrize('support_weight', [1.0, 0.0])
def test_support_and_query_loss_are_logged(tmp_path, support_weight):
    runner = build_runner(tmp_path, epochs=1)
    runner.optim_wrapper['support_weight'] = support_weight
    runner.train()
    scalars = runner.message_hub.log_scalars
    support = scalars['train/support_loss'].current()
    query = scalars['train/query_loss'].current()
    total = scalars['train/loss'].current()
    assert total == pytest.approx(support_weight * support + 0.5 * query)
    assert 'train/query_loss_reg' in scalars


def test_no_hook_sees_fast_weights(tmp_path):
    from mmengine.hooks import Hook

    class Watch(Hook):
        seen = []

        def before_train_iter(self, runner, **kwargs):
            self.seen.append(weights(runner.model))

        after_train_iter = before_train_iter

    runner = build_runner(tmp_path, hooks=[Watch()], epochs=1)
    runner.train()
    after = Watch.seen[1::2]
    for left, entered in zip(after, Watch.seen[2::2], strict=False):
        assert torch.equal(left, entered)


def test_resumed_run_ends_with_the_weights_of_an_uninterrupted_one(tmp_path):
    hooks = [dict(type='GWAHook', mu=0.75, sigma=0.25)]
    whole = build_runner(tmp_path, hooks=hooks)
    whole.train()
    folder = tmp_path / 'cut'
    folder.mkdir()

    class Kill(RuntimeError):
        pass

    cut = build_runner(folder, hooks=hooks)
    run_epoch = cut.build_train_loop(cut._train_loop).run_epoch

    def stop_after_two():
        if cut.epoch == 2:
            raise Kill
        run_epoch()

    cut._train_loop = run_epoch.__self__
    cut._train_loop.run_epoch = stop_after_two
    with pytest.raises(Kill):
        cut.train()
    resumed = build_runner(folder, hooks=hooks, resume=True)
    resumed.train()
    assert torch.equal(weights(resumed.model), weights(whole.model))
    first, second = (
        torch.load(path / 'epoch_4.pth', weights_only=False)
        for path in (tmp_path, folder)
    )
    for key, value in first['state_dict'].items():
        assert torch.equal(value, second['state_dict'][key])
    for key, value in first['ema_state_dict'].items():
        assert torch.equal(value, second['ema_state_dict'][key])
    assert torch.equal(
        first['optimizer']['state'][0]['exp_avg'],
        second['optimizer']['state'][0]['exp_avg'],
    )


def test_plain_wrapper_is_refused(tmp_path):
    runner = build_runner(
        tmp_path,
        optim_wrapper=dict(optimizer=dict(type='AdamW', lr=0.05)),
    )
    with pytest.raises(ValueError, match='got OptimWrapper'):
        runner.train()


@pytest.mark.parametrize(('processes', 'tasks'), [(1, 4), (2, 2), (8, 1)])
def test_processes_share_the_tasks(tmp_path, monkeypatch, processes, tasks):
    module = 'mmovar.engine.loops.cross_batch_train_loop.get_world_size'
    monkeypatch.setattr(module, lambda: processes)
    config = dict(type='CrossBatchTrainLoop', max_epochs=1, total_tasks=4)
    runner = build_runner(tmp_path, size=64, train_cfg=config)
    warnings = []
    monkeypatch.setattr(runner.logger, 'warning', warnings.append)
    loop = runner.build_train_loop(runner._train_loop)
    assert loop.num_tasks == tasks
    assert loop.dataloader.batch_size == 8 * tasks
    assert [w for w in warnings if 'has 8 tasks, not 4' in w] == warnings
    assert len(warnings) == (processes > 4)


def test_batch_sampler_fills_the_tasks_of_the_loop(tmp_path):
    class Labelled(Samples):
        def get_data_info(self, index):
            return dict(label=index % 4)

    config = dict(type='CrossBatchTrainLoop', max_epochs=1, total_tasks=2)
    loader = dict(
        dataset=Labelled(64),
        batch_size=8,
        sampler=dict(type='DefaultSampler', shuffle=True),
        batch_sampler=dict(type='DisjointClassBatchSampler'),
        collate_fn=collate,
        num_workers=0,
    )
    runner = build_runner(tmp_path, train_cfg=config, train_dataloader=loader)
    sampler = runner.build_train_loop(runner._train_loop).dataloader
    assert sampler.batch_sampler.num_tasks == 2
    assert sampler.batch_sampler.batch_size == 16
