"""The loop over named test sets."""

from types import SimpleNamespace
from unittest import mock

import pytest
import toy_run  # noqa: F401  (registers the toy model)
from mmengine.evaluator import Evaluator
from mmengine.hooks import Hook
from mmengine.runner import Runner

from mmovar.engine.loops.benchmark_test_loop import BenchmarkTestLoop


def loader(name, size, classes):
    return dict(
        name=name,
        batch_size=2,
        num_workers=0,
        sampler=dict(type='DefaultSampler', shuffle=False),
        dataset=dict(type='ToyDataset', size=size, classes=classes),
    )


LOADERS = [loader('one', 3, ('a', 'b')), loader('two', 2, ('c',))]


def fake_runner():
    runner = mock.Mock()
    runner.build_dataloader = Runner.build_dataloader
    runner.build_evaluator = lambda cfg: Evaluator(cfg)
    runner.model.test_step = lambda batch: [
        dict(score=float(v)) for v in batch['value']
    ]
    return runner


@pytest.fixture(autouse=True)
def scope():
    from mmengine.registry import init_default_scope

    init_default_scope('mmaction')


def test_run_calls_every_hook_once_per_set_and_prefixes_metrics():
    runner = fake_runner()
    loop = BenchmarkTestLoop(runner, LOADERS, dict(type='ToyMetric'))
    metrics = loop.run()
    assert metrics['one/toy/sum'] == 3
    assert metrics['two/toy/sum'] == 1
    assert metrics['one/toy/classes'] == 2
    assert metrics['two/toy/classes'] == 1
    calls = [call.args[0] for call in runner.call_hook.call_args_list]
    ours = [c for c in calls if not c.endswith('_iter')]
    per_set = ['before_test_epoch', 'after_test_epoch']
    assert ours == ['before_test', *per_set, *per_set, 'after_test']


def test_dataloader_is_that_of_the_running_set(tmp_path):
    seen = []

    class Watch(Hook):
        def before_test_epoch(self, runner):
            dataset = runner.test_dataloader.dataset
            seen.append((runner.test_loop.name, dataset.metainfo['classes']))
            assert runner.visualizer.dataset_meta == dataset.metainfo

    runner = Runner(
        model=dict(type='ToyModel', weight=1.0),
        work_dir=str(tmp_path),
        test_dataloader=LOADERS,
        test_cfg=dict(type='BenchmarkTestLoop'),
        test_evaluator=dict(type='ToyMetric'),
        default_scope='mmaction',
        custom_hooks=[Watch()],
        experiment_name='watch',
        log_level='ERROR',
    )
    assert runner.test()['one/toy/count'] == 3
    assert seen == [('one', ('a', 'b')), ('two', ('c',))]


def test_evaluators_may_be_given_by_name():
    loop = BenchmarkTestLoop(
        fake_runner(),
        LOADERS,
        dict(
            one=dict(type='ToyMetric', prefix='x'),
            two=[dict(type='ToyMetric', prefix='y')],
        ),
    )
    assert {'one/x/sum', 'two/y/sum'} <= set(loop.run())


@pytest.mark.parametrize(
    ('loaders', 'message'),
    [
        (LOADERS[0], 'needs a list'),
        ([], 'empty list'),
        ([dict(batch_size=1)], r'test_dataloader\[0\] needs a `name`'),
        ([LOADERS[0], LOADERS[0]], "the name 'one'"),
    ],
)
def test_bad_dataloaders_are_refused_by_name(loaders, message):
    with pytest.raises(ValueError, match=message):
        BenchmarkTestLoop(SimpleNamespace(), loaders, dict(type='ToyMetric'))


def test_evaluator_names_must_be_those_of_the_sets():
    with pytest.raises(ValueError, match=r"\['three'\].*\['one', 'two'\]"):
        BenchmarkTestLoop(
            fake_runner(), LOADERS, dict(three=dict(type='ToyMetric'))
        )
