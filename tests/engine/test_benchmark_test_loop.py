"""The loop over named test sets."""

from unittest import mock

import pytest
from mmengine.config import Config
from mmengine.evaluator import Evaluator
from mmengine.hooks import Hook
from mmengine.runner import Runner

from helpers import toy_run  # noqa: F401  (registers the toy model)
from mmovar.engine.loops.benchmark_test_loop import BenchmarkTestLoop

LOADER = dict(
    batch_size=2,
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(type='ToyDataset', size=3, classes=('a', 'b')),
)
SETS = dict(one=dict(), two=dict(size=2, classes=('c',)))


def fake_runner(**cfg):
    runner = mock.Mock(cfg=Config(cfg))
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
    loop = BenchmarkTestLoop(runner, LOADER, dict(type='ToyMetric'), sets=SETS)
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
        test_dataloader=LOADER,
        test_cfg=dict(type='BenchmarkTestLoop', sets=SETS),
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
        LOADER,
        dict(
            one=dict(type='ToyMetric', prefix='x'),
            two=[dict(type='ToyMetric', prefix='y')],
        ),
        sets=SETS,
    )
    assert {'one/x/sum', 'two/y/sum'} <= set(loop.run())


def test_each_set_dumps_to_a_file_of_its_own(tmp_path):
    own = {name: dict(type='ToyMetric', prefix='x') for name in ('a/1', 'b')}
    dump = dict(type='DumpResults', out_file_path=str(tmp_path / 'p.pkl'))
    sets = {'a/1': {}, 'b': dict(size=2)}
    loop = BenchmarkTestLoop(fake_runner(), LOADER, [own, dump], sets=sets)
    assert set(loop.run()) == {'a/1/x/sum', 'a/1/x/count', 'a/1/x/classes'} | {
        'b/x/sum',
        'b/x/count',
        'b/x/classes',
    }
    BenchmarkTestLoop(fake_runner(), LOADER, [own['b'], dump]).run()
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ['p.pkl', 'p_a_1.pkl', 'p_b.pkl']


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (dict(dataloader=[LOADER]), 'must be the config of one dataloader'),
        (dict(sets=[]), 'there is no test set'),
        (dict(sets=['ucf102']), "source 'ucf102' is none of"),
        (dict(cells=['ucf101/ep3/*']), "cannot tell the setup of ''"),
        (dict(cells=['ucf/*'], setup='clip'), r"no cell is named 'ucf/\*'"),
        (dict(cache_gib=-1), r'cache_gib must be in \[0, inf\)'),
        (dict(clip_share=2), r'clip_share must be in \[0, 1\], got 2'),
    ],
)
def test_bad_test_sets_are_refused_by_name(arguments, message):
    arguments = {'dataloader': LOADER, **arguments}
    with pytest.raises(ValueError, match=message):
        BenchmarkTestLoop(
            fake_runner(), evaluator=dict(type='ToyMetric'), **arguments
        )


def test_without_sets_the_dataset_itself_is_tested():
    loop = BenchmarkTestLoop(fake_runner(), LOADER, dict(type='ToyMetric'))
    assert loop.run()['test/toy/count'] == 3


def test_evaluator_names_must_be_those_of_the_sets():
    with pytest.raises(ValueError, match=r"\['three'\].*\['one', 'two'\]"):
        BenchmarkTestLoop(
            fake_runner(),
            LOADER,
            dict(three=dict(type='ToyMetric')),
            sets=SETS,
        )


@pytest.mark.parametrize(
    ('given', 'out_of_context'), [(None, 0.0), (1.0, 1.0)]
)
def test_open_mede_mixes_clip_in_context_only(given, out_of_context, repo):
    from mmovar.apis import load_config

    config = load_config(repo / 'configs' / 'open_mede' / 'ucf101_scuba.py')
    runner = fake_runner()
    runner.cfg = config
    runner.build_dataloader = lambda *args, **kwargs: mock.Mock()
    loop = BenchmarkTestLoop(
        runner,
        config.test_dataloader,
        dict(type='ToyMetric'),
        cells=config.test_cfg.cells,
        clip_share=given,
    )
    assert loop.clip_share('ucf101/in_context') == (given or 0.5)
    assert loop.clip_share('ucf101/scuba/places365') == out_of_context
