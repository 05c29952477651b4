"""tools/benchmark.py with commands that only pretend to train and test."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from results_of import predictions, record

from mmovar.evaluation import read_records


class Pretend:
    """Stands for the command runner; writes what the tools would write."""

    def __init__(self):
        self.commands = []
        self.fail_after = None

    def __call__(self, command, log):
        command = [str(word) for word in command]
        self.commands.append(command)
        script = next(
            w for w in command if w.endswith(('train.py', 'test.py'))
        )
        (self._train if 'train' in Path(script).name else self._test)(command)
        return 1.0

    def _train(self, command):
        folder = Path(command[command.index('--work-dir') + 1])
        folder.mkdir(parents=True, exist_ok=True)
        for epoch in (1, 2):
            (folder / f'epoch_{epoch}.pth').write_text(str(epoch))
        (folder / 'best_acc_top1_epoch_1.pth').write_text('best')
        (folder / 'last_checkpoint').write_text(str(folder / 'epoch_2.pth'))

    def _test(self, command):
        start = command.index('--cells') + 1
        cells = command[start : command.index('--setup')]
        folder = Path(command[command.index('--records') + 1])
        method = command[command.index('--method') + 1]
        for number, cell in enumerate(cells):
            if number == self.fail_after:
                raise SystemExit('killed')
            better = 'epoch_1' in ' '.join(command)
            found = record(cell, 70 if better else 60, 'tc_clip')
            predictions([0], [0]).save(folder / f'{len(cell)}.npz')
            replace(
                found, method=method, predictions=f'{len(cell)}.npz'
            ).write(folder)

    def of(self, script):
        return [c for c in self.commands if any(script in w for w in c)]


@pytest.fixture
def bench(load_tool, monkeypatch, repo):
    monkeypatch.syspath_prepend(str(repo / 'tools'))
    tool = load_tool('benchmark')
    tool.pretend = Pretend()
    monkeypatch.setattr(tool, 'call', tool.pretend)
    return tool


def records(method='tc_clip'):
    return read_records([Path('work_dirs/benchmark') / method / 'records'])


def test_every_run_is_trained_once_and_tested_on_its_cells(bench):
    bench.main(['few-shot', '--method', 'tc_clip'])
    assert len(bench.pretend.of('train.py')) == 12
    assert len(records()) == 12
    first = bench.pretend.of('train.py')[0]
    assert first[first.index('--cfg-options') + 1 :] == [
        'data_root=data',
        'shots=2',
    ]
    assert any(w.endswith('tc_clip/hmdb51_fs.py') for w in first)
    count = len(bench.pretend.commands)
    bench.main(['few-shot', '--method', 'tc_clip'])
    assert len(bench.pretend.commands) == count


def test_after_a_kill_only_the_rest_is_done(bench, capsys):
    bench.pretend.fail_after = 2
    with pytest.raises(SystemExit, match='killed'):
        bench.main(['ep3', '--method', 'tc_clip', '--selection', 'last'])
    assert len(records()) == 2
    bench.pretend.fail_after = None
    bench.main(['ep3', '--method', 'tc_clip', '--selection', 'last'])
    assert len(records()) == 6
    assert len(bench.pretend.of('train.py')) == 1
    last = bench.pretend.of('test.py')[-1]
    assert 'ucf101/ep3/2' not in last and 'ucf101/ep3/3' in last
    assert '2 of 6 cells have a record' in capsys.readouterr().out


def test_an_interrupted_training_is_resumed(bench):
    folder = Path('work_dirs/benchmark/tc_clip/runs/k400')
    folder.mkdir(parents=True)
    (folder / 'epoch_1.pth').write_text('')  # but no trained.json
    bench.main(['ep2', '--method', 'tc_clip'])
    command = bench.pretend.of('train.py')[0]
    assert command[command.index('--resume') + 1] == 'auto'
    assert json.loads((folder / 'trained.json').read_text()) == {'seconds': 1}


def test_best_keeps_and_tests_the_best_checkpoint(bench):
    bench.main(['ep3', '--method', 'tc_clip'])  # declared: best on K400
    (train,) = bench.pretend.of('train.py')
    assert 'default_hooks.checkpoint.save_best=acc/top1' in train
    (test,) = bench.pretend.of('test.py')
    assert any(w.endswith('best_acc_top1_epoch_1.pth') for w in test)


def test_legacy_takes_the_best_checkpoint_of_each_cell(bench):
    bench.main(['ep2', '--method', 'tc_clip', '--selection', 'legacy'])
    assert len(bench.pretend.of('test.py')) == 2
    assert {r.percent('top1') for r in records()} == {70}


def test_given_checkpoints_and_plain_clip_are_not_trained(bench):
    bench.main(['ep2', '--method', 'open_vclip', '--checkpoint', 'k400=x.pth'])
    bench.main(['ep2', '--method', 'clip', '--zero-shot'])
    assert not bench.pretend.of('train.py')
    given, plain = bench.pretend.of('test.py')
    assert 'x.pth' in given and 'given: x.pth' in given
    assert 'CLIP, not tuned' in plain


def test_logit_ensembles_are_switched_on_where_they_are_declared(bench):
    for protocol in ('ep2', 'ucf-ooc'):
        bench.main([protocol, '--method', 'open_mede'])
    in_context, out = bench.pretend.of('test.py')
    assert 'model.type=CLIPEnsemble' in in_context
    assert 'model.type=CLIPEnsemble' not in out
    assert len(bench.pretend.of('train.py')) == 1  # the same run


@pytest.mark.parametrize(
    ('options', 'begin', 'end'),
    [
        ([], sys.executable, []),
        (['--gpus', '4'], 'bash', []),
        (['--slurm', 'gpu', '--gpus', '16'], 'srun', ['--launcher', 'slurm']),
    ],
)
def test_commands_start_one_process_torchrun_or_srun(
    bench, options, begin, end
):
    bench.main(['ep2', '--method', 'tc_clip', *options])
    for command in bench.pretend.commands:
        assert command[0] == begin
        assert command[len(command) - len(end) :] == end
    if begin == 'srun':
        assert '--ntasks=16' in command and '--gres=gpu:8' in command


def test_dry_run_and_list_run_nothing(bench, capsys):
    bench.main(['b2n', '--method', 'tc_clip', '--dry-run'])
    bench.main(['--list'])
    out = capsys.readouterr().out
    assert '[12/12] ssv2_s3' in out and 'ucf101/hat/close/1' in out
    assert not bench.pretend.commands


def test_every_config_that_a_protocol_names_for_the_papers_is_there(bench):
    names = {'tc_clip': ('ep3', 'few-shot', 'b2n', 'k400-full')}
    names['vifi_clip'] = names['tc_clip']
    names['open_vclip'] = ('ep3', 'ucf-ooc', 'b2n', 'k400-full')
    names['open_mede'] = names['open_vclip']
    for method, protocols in names.items():
        for name in protocols:
            args = bench.parse_args([name, '--method', method])
            protocol = bench.build_protocol(name, method)
            for job in bench.plan(args, protocol):
                config = bench.Bench(args, protocol).config(job)
                assert config.is_file()


def test_a_method_without_the_config_of_a_run_is_told_so(bench):
    with pytest.raises(SystemExit, match=r'has no config.*ssv2_fs\.py'):
        bench.main(['few-shot', '--method', 'open_mede'])
    assert not bench.pretend.commands
    bench.main(['few-shot', '--method', 'clip', '--zero-shot'])
    assert len(records('clip')) == 12
    tests = bench.pretend.of('test.py')
    assert all(any(w.endswith('clip/k400_zs.py') for w in t) for t in tests)


def test_command_line_is_checked(bench):
    for argv in (['ep2'], [], ['ep2', '--method', 'x', '--checkpoint', 'y']):
        with pytest.raises(SystemExit):
            bench.parse_args(argv)
