"""train.py, test.py and their launchers on a toy model."""

import json
import os
import pickle
import subprocess
import sys
import time
import uuid
import warnings
from functools import partial
from types import SimpleNamespace

import pytest
import torch

from helpers import toy_run
from helpers.processes import run_fork
from mmovar.one_process import one_process

FIRST, SECOND = 2.0 * (0 + 1 + 2 + 3 + 4), 2.0 * (0 + 1 + 2)


@pytest.fixture
def name():
    """Option that keeps runners within one second from sharing a log."""
    return f'experiment_name={uuid.uuid4().hex}'


@pytest.fixture
def train(load_tool, toy_config, name, tmp_path):
    """Run tools/train.py on the toy and return its log."""

    def run(*arguments, options=()):
        arguments = [str(toy_config), *arguments]
        options = ['log_level=INFO', name, *options]
        load_tool('train').main([*arguments, '--cfg-options', *options])
        logs = sorted(tmp_path.rglob('*.log'), key=lambda f: f.stat().st_mtime)
        return logs[-1].read_text()

    return run


@pytest.fixture
def test(load_tool, toy_config, name, tmp_path):
    """Run tools/test.py on the toy and return the metrics it wrote."""

    def run(*arguments, options=()):
        out = tmp_path / 'deep' / 'results.json'
        arguments = [str(toy_config), *map(str, arguments), '--out', str(out)]
        options = [name, *options]
        load_tool('test').main([*arguments, '--cfg-options', *options])
        return json.loads(out.read_text())

    return run


def test_test_without_checkpoint_runs_every_set(test):
    assert test() == {
        'first/toy/sum': FIRST,
        'first/toy/count': 5,
        'first/toy/classes': 2,
        'second/toy/sum': SECOND,
        'second/toy/count': 3,
        'second/toy/classes': 1,
    }


def test_test_takes_options_of_a_set(test):
    metrics = test(options=['model.weight=4.0', 'test_cfg.sets.second.size=2'])
    assert metrics['first/toy/sum'] == 2 * FIRST
    assert metrics['second/toy/count'] == 2


def test_training_writes_to_a_folder_named_after_the_config(
    train, test, tmp_path
):
    train()
    work_dir = tmp_path / 'work_dirs' / 'toys' / 'toy_config'
    assert (work_dir / 'epoch_2.pth').is_file()
    trained = test(work_dir / 'epoch_2.pth')
    assert trained['first/toy/sum'] != FIRST


def test_resume_auto_goes_on_from_the_latest_checkpoint(train, tmp_path):
    train('--work-dir', 'run')
    (tmp_path / 'run' / 'epoch_2.pth').unlink()
    with warnings.catch_warnings():
        warnings.simplefilter('error', UserWarning)
        log = train(
            *('--work-dir', 'run', '--resume'),
            options=[f'experiment_name={uuid.uuid4().hex}'],
        )
    assert 'resumed epoch: 1' in log
    assert (tmp_path / 'run' / 'epoch_2.pth').is_file()


def test_resume_without_a_checkpoint_begins_where_load_from_says(
    train, test, tmp_path
):
    """The second of two stages, started by a script that always resumes."""
    train('--work-dir', 'first')
    first = tmp_path / 'first' / 'epoch_2.pth'
    options = [f'load_from={first}', 'optim_wrapper.optimizer.lr=0.0']
    run = ('--work-dir', 'second', '--resume')
    log = train(
        *run, options=[*options, f'experiment_name={uuid.uuid4().hex}']
    )
    assert f'Load checkpoint from {first}' in log
    second = tmp_path / 'second' / 'epoch_2.pth'
    assert test(second) == test(first)
    second.unlink()
    log = train(
        *run, options=[*options, f'experiment_name={uuid.uuid4().hex}']
    )
    assert 'resumed epoch: 1' in log


def test_amp_on_an_unknown_wrapper_names_those_it_knows(train):
    with pytest.raises(ValueError, match="'MyWrapper'.*CrossBatchMeta"):
        train('--amp', options=['optim_wrapper.type=MyWrapper'])


def test_no_validate_and_seed_reach_the_runner(train):
    log = train('--no-validate', '--seed', '7')
    assert 'seed: 7' in log
    assert 'Epoch(train)' in log
    assert 'Epoch(val)' not in log


def config_of(train, monkeypatch, *arguments):
    """Return the config that tools/train.py would have run."""
    seen = []

    def build(config, launcher, allow_missing):
        seen.append(config)
        return SimpleNamespace(train=lambda: None)

    monkeypatch.setattr('mmovar.apis.build_runner', build)
    with pytest.raises(IndexError):  # a run that writes no log
        train(*arguments)
    return seen[0]


def test_options_of_mmaction2_change_the_config(train, monkeypatch):
    monkeypatch.setenv('LOCAL_RANK', 'of torchrun')
    monkeypatch.setenv('CUBLAS_WORKSPACE_CONFIG', ':16:8')
    config = config_of(
        *(train, monkeypatch, '--diff-rank-seed', '--deterministic'),
        *('--local_rank', '3', '--trackers', 'tensorboard', 'wandb', '--amp'),
    )
    assert config.randomness == dict(diff_rank_seed=True, deterministic=True)
    assert config.optim_wrapper.dtype == 'bfloat16'
    backends = [b.type for b in config.visualizer.vis_backends]
    assert backends[1:] == ['TensorboardVisBackend', 'WandbVisBackend']
    assert os.environ['LOCAL_RANK'] == 'of torchrun'
    assert os.environ['CUBLAS_WORKSPACE_CONFIG'] == ':16:8'
    monkeypatch.delenv('LOCAL_RANK')
    config = config_of(
        *(train, monkeypatch, '--local-rank=1', '--amp'),
        *('--amp-dtype', 'bfloat16'),
    )
    assert config.optim_wrapper.dtype == 'bfloat16'
    assert 'randomness' not in config and 'visualizer' not in config
    assert os.environ.pop('LOCAL_RANK') == '1'


def test_amp_is_a_flag_in_front_of_the_config_too(load_tool):
    args = load_tool('train').parse_args(['--amp', 'config.py'])
    assert (args.amp, args.config) == (True, 'config.py')


@pytest.mark.parametrize(
    ('tool', 'options', 'message'),
    [
        ('train', ['--auto-scale-lr'], 'rates are never scaled'),
        ('train', ['--trackers', 'wandbb'], "'wandbb' (choose from "),
        ('test', ['--dump', 'x.json'], '--dump x.json: the file must end in'),
        ('test', ['--interval', '5'], '--interval needs --show-dir'),
        ('test', ['--raw'], '--raw needs a checkpoint'),
    ],
)
def test_options_that_mean_nothing_are_refused(
    load_tool, capsys, tool, options, message
):
    with pytest.raises(SystemExit):
        load_tool(tool).parse_args(['config.py', *options])
    assert message in capsys.readouterr().err


def test_dump_gives_each_set_a_file(test, tmp_path):
    test('--dump', 'deep/p.pkl')
    for name, count in (('first', 5), ('second', 3)):
        predictions = pickle.loads(
            (tmp_path / 'deep' / f'p_{name}.pkl').read_bytes()
        )
        assert [p['score'] for p in predictions] == [
            2.0 * i for i in range(count)
        ]


@pytest.mark.dist
def test_dist_train_and_dist_test_run_two_gloo_processes(
    repo, run_tool, toy_config, tmp_path
):
    tools = repo / 'tools'
    out = run_tool(
        [
            *('bash', tools / 'dist_train.sh', toy_config, 2),
            *('--work-dir', 'run', '--cfg-options', 'log_level=INFO'),
        ],
        CUDA_VISIBLE_DEVICES='-1',
    )
    assert 'Distributed training: True' in out
    assert 'GPU number: 2' in out
    run_tool(
        [
            *('bash', tools / 'dist_test.sh', toy_config),
            *(tmp_path / 'run' / 'epoch_2.pth', 2, '--out', 'out.json'),
        ],
        CUDA_VISIBLE_DEVICES='-1',
    )
    metrics = json.loads((tmp_path / 'out.json').read_text())
    assert metrics['first/toy/count'] == 5
    assert metrics['first/toy/sum'] != FIRST


def test_a_second_training_in_a_work_dir_is_refused(train, tmp_path):
    def second():
        with pytest.raises(RuntimeError, match=r'run is in use.*PID \d+ on '):
            train('--work-dir', 'run', options=['model.weight=9.0'])

    with one_process(tmp_path / 'run', 'training'):
        assert run_fork(second) == 0
    assert [p.name for p in (tmp_path / 'run').iterdir()] == ['.training.lock']
    train('--work-dir', 'run')


@pytest.mark.slow
@pytest.mark.dist
def test_killed_torchrun_takes_its_ranks_along_and_blocks_no_resume(
    repo, run_tool, toy_config, tmp_path
):
    command = [
        *('bash', repo / 'tools' / 'dist_train.sh', toy_config, 2),
        *('--work-dir', 'run', '--resume', '--cfg-options'),
    ]
    agent = subprocess.Popen(
        [*map(str, command), 'train_cfg.max_epochs=1000000'],
        cwd=tmp_path,
        env=dict(
            os.environ,
            PYTHONPATH=f'{repo}:{repo}/tests',
            PYTHON=sys.executable,
            CUDA_VISIBLE_DEVICES='-1',
        ),
        stdout=subprocess.PIPE,  # the ranks hold it too
        stderr=subprocess.STDOUT,
    )

    def latest():
        found = (tmp_path / 'run').glob('epoch_*.pth')
        return max((int(p.stem[6:]) for p in found), default=0)

    while latest() < 3:
        assert agent.poll() is None
        time.sleep(0.1)
    agent.kill()
    agent.communicate(timeout=10)
    wanted = latest() + 2
    run_tool(
        [*command, f'train_cfg.max_epochs={wanted}'], CUDA_VISIBLE_DEVICES='-1'
    )
    assert latest() == wanted


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        (b'', r'\(0 bytes\) is truncated or no file of weights'),
        (b'<html>not found</html>', 'is truncated or no file of weights'),
        ('half', 'is truncated or no file of weights'),
        ([1, 2], None),
        (
            {'state_dict': {}},
            'is no checkpoint of a training: it has no epoch',
        ),
    ],
    ids=['empty', 'text', 'half', 'list', 'weights'],
)
@pytest.mark.parametrize('tool', ['train', 'test'])
def test_what_is_no_checkpoint_is_named(
    tool, train, test, tmp_path, content, message
):
    file = tmp_path / 'file.pth'
    torch.save({'state_dict': {}} if content == 'half' else content, file)
    if content == 'half':
        content = file.read_bytes()[:200]
    if isinstance(content, bytes):
        file.write_bytes(content)
    if message is None or (tool == 'test' and isinstance(content, dict)):
        message = ''
    run = test if tool == 'test' else partial(train, '--resume')
    with pytest.raises(ValueError, match=f'^{file}.*{message}'):
        run(str(file))


def test_amp_trains_validates_and_tests_under_autocast(
    train, test, monkeypatch
):
    seen, forward = [], toy_run.ToyModel.forward

    def watch(self, value, label, mode):
        dtype = torch.get_autocast_dtype('cpu')
        seen.append((mode, torch.is_autocast_enabled('cpu'), dtype))
        return forward(self, value, label, mode)

    monkeypatch.setattr(toy_run.ToyModel, 'forward', watch)
    loop = 'val_cfg.type=OpenVocabularyValLoop'
    train('--amp', options=[loop])
    test('--amp', '--amp-dtype', 'bfloat16')
    modes = {'loss', 'predict'}
    assert set(seen) == {(mode, True, torch.bfloat16) for mode in modes}
    seen.clear()
    test()
    assert not any(enabled for _, enabled, _ in seen)
