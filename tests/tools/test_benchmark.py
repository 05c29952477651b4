"""tools/benchmark.py with commands that only pretend to train and test."""

import argparse
import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from threading import Lock

import pytest

from helpers.processes import run_fork
from helpers.results_of import predictions, record
from mmovar.apis import load_config
from mmovar.apis.benchmark import config_sha256
from mmovar.apis.option_values import DictAction
from mmovar.benchmark import (
    PROTOCOLS,
    build_protocol,
    read_records,
    record_path,
)
from mmovar.one_process import one_process


class Pretend:
    """Stands for the command runner; writes what the tools would write."""

    def __init__(self):
        self.commands = []
        self.fail_after = None
        self.reading = Lock()

    def __call__(self, command, log):
        command = [str(word) for word in command]
        self.commands.append(command)
        script = next(w for w in command if w.endswith('.py'))
        if Path(script).name == 'train.py':
            self._train(command)
        elif Path(script).name == 'test.py':
            self._test(command)
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
        selection = command[command.index('--selection') + 1]
        sha256 = self._hash(command)
        for number, cell in enumerate(cells):
            if number == self.fail_after:
                raise SystemExit('killed')
            better = 'epoch_1' in ' '.join(command)
            found = record(cell, 70 if better else 60, 'tc_clip')
            file = record_path(folder, cell).with_suffix('.npz')
            predictions([0], [0]).save(file)
            replace(
                found,
                method=method,
                predictions=file.name,
                selection=selection,
                config_sha256=sha256,
            ).write(folder)

    def _hash(self, command):
        """Read the config as tools/test.py does."""
        parser = argparse.ArgumentParser()
        parser.add_argument('--cfg-options', nargs='+', action=DictAction)
        options = []
        if '--cfg-options' in command:
            options = command[command.index('--cfg-options') :]
        options = [w for w in options if w not in ('--launcher', 'slurm')]
        path = next(w for w in command[2:] if '/configs/' in w)
        given = parser.parse_args(options).cfg_options
        with self.reading:
            return config_sha256(load_config(path, given))

    def of(self, script):
        return [c for c in self.commands if any(script in w for w in c)]


@pytest.fixture
def bench(load_tool, monkeypatch, repo):
    monkeypatch.syspath_prepend(str(repo / 'tools'))
    tool = load_tool('benchmark')
    tool.pretend = Pretend()
    monkeypatch.setattr(tool.commands, 'call', tool.pretend)
    return tool


def records(method='tc_clip'):
    return read_records([Path('work_dirs/benchmark') / method / 'records'])


def test_every_run_is_trained_once_and_tested_on_its_cells(bench):
    bench.main(['few-shot', '--method', 'tc_clip'])
    assert len(bench.pretend.of('train.py')) == 12
    assert len(records()) == 12
    first = bench.pretend.of('train.py')[0]
    assert first[first.index('--cfg-options') + 1 :] == [
        'dataset=hmdb51',
        'shots=2',
    ]
    assert any(w.endswith('tc_clip/fs.py') for w in first)
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


def test_what_another_configuration_made_is_not_taken(bench, capsys):
    line = ['mini', '--method', 'vclip', '--seeds', '0']
    bench.main(line)
    count = len(bench.pretend.commands)
    other = [*line, '--cfg-options', 'optim_wrapper.optimizer.lr=0.5']
    with pytest.raises(
        ValueError,
        match=r'vclip/runs/seed0 was begun with other settings: '
        r'optim_wrapper\.optimizer\.lr [\d.e-]+, now 0\.5; choose another',
    ):
        bench.main(other)
    shutil.rmtree('work_dirs/benchmark/vclip/runs')  # the records are left
    with pytest.raises(
        ValueError,
        match=r'vclip/records/mini-.*json was made with another '
        r"configuration: config_sha256 '.*choose another --name",
    ):
        bench.main(other)
    assert len(bench.pretend.commands) == count
    bench.main([*other, '--name', 'vclip_fast'])
    assert len(bench.pretend.of('train.py')) == 2
    same = 'optim_wrapper.optimizer.lr=5e-1'
    bench.main([*line, '--cfg-options', same, '--name', 'vclip_fast'])
    assert '6 of 6 cells have a record' in capsys.readouterr().out


def test_an_interrupted_training_is_not_resumed_with_other_options(bench):
    line = ['ep2', '--method', 'tc_clip']
    bench.pretend.fail_after = 0
    with pytest.raises(SystemExit, match='killed'):
        bench.main(line)
    with pytest.raises(ValueError, match=r'train_cfg\.max_epochs 10, now 9'):
        bench.main([*line, '--cfg-options', 'train_cfg.max_epochs=9'])


def test_records_of_another_checkpoint_are_not_taken(bench):
    Path('a.pth').write_text('a')
    line = ['ep2', '--method', 'tc_clip', '--name', 'row']
    given = [*line, '--checkpoint', 'k400=a.pth']
    bench.main(given)
    with pytest.raises(ValueError, match=r"selection 'given: a\.pth', now 'l"):
        bench.main([*line, '--selection', 'last'])
    with pytest.raises(ValueError, match="checkpoint_sha256 None, now 'ca97"):
        bench.main(given)  # the pretended record does not know


def test_a_training_that_tells_no_settings_is_not_taken(bench):
    folder = Path('work_dirs/benchmark/tc_clip/runs/k400')
    folder.mkdir(parents=True)
    (folder / 'trained.json').write_text('{"seconds": 1}')
    with pytest.raises(ValueError, match=r'--checkpoint k400=FILE'):
        bench.main(['ep2', '--method', 'tc_clip'])
    assert not bench.pretend.commands
    bench.main(['ep2', '--method', 'tc_clip', '--checkpoint', 'k400=x.pth'])
    assert len(records()) == 2


@pytest.mark.parametrize('half', ['', '{"cell": "ucf101/e'])
def test_a_half_written_record_is_made_again(bench, half):
    line = ['ep2', '--method', 'tc_clip', '--selection', 'last']
    bench.main(line)
    path = record_path('work_dirs/benchmark/tc_clip/records', 'ucf101/ep2')
    path.write_text(half)
    bench.main(line)
    assert len(records()) == 2
    assert len(bench.pretend.of('train.py')) == 1


def test_a_run_is_refused_while_another_process_works_on_it(bench):
    folder = Path('work_dirs/benchmark/tc_clip/runs/k400')

    def second():
        with pytest.raises(RuntimeError, match='in use for benchmark by PID'):
            bench.main(['ep2', '--method', 'tc_clip'])

    with one_process(folder, 'benchmark'):
        assert run_fork(second) == 0


def test_runs_of_one_name_are_the_same_in_every_protocol(bench):
    for method in ('vifi_clip', 'open_vclip', 'tc_clip', 'open_mede'):
        settings = {}
        for protocol in PROTOCOLS:
            args = bench.parse_args([protocol, '--method', method])
            one = bench.Bench(args, method)
            for name, run in one.protocol.runs.items():
                job = bench.Job(name, run, None, ())
                found = one.config(job), one.options(job)
                assert settings.setdefault(name, found) == found


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


def test_of_two_best_checkpoints_none_is_tested(bench):
    folder = Path('work_dirs/benchmark/tc_clip/runs/k400')
    folder.mkdir(parents=True)
    (folder / 'best_acc_top1_epoch_2.pth').write_text('half')
    with pytest.raises(ValueError, match='epoch_1.pth, best_acc_top1_epoch_2'):
        bench.main(['ep3', '--method', 'tc_clip'])
    assert not bench.pretend.of('test.py')


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


def test_cells_in_and_out_of_context_are_tested_together(bench):
    for protocol in ('ep2', 'ucf-ooc'):
        bench.main([protocol, '--method', 'open_mede'])
    assert len(bench.pretend.of('test.py')) == 2
    assert not any(
        word.startswith(('model.', 'test_cfg.'))
        for test in bench.pretend.of('test.py')
        for word in test
    )  # the loop takes the share of CLIP that each cell declares
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


def test_all_ways_to_mix_clip_in_are_rows_of_one_training(bench):
    line = ['mini', '--method', 'vclip', 'ablations/gwa', '--seeds', '0', '1']
    line += ['--jobs', '2', '--ensemble', 'none', 'weights', 'logits']
    bench.main(line)
    pretend = bench.pretend
    assert len(pretend.of('train.py')) == len(pretend.of('weights.py')) == 4
    tests = pretend.of('tools/test.py')
    assert len(tests) == 12
    assert sum('test_cfg.clip_share=0.5' in test for test in tests) == 4
    assert sum('test_cfg.clip_share=0' in test for test in tests) == 8
    patched = [t for t in tests if any('/patched_' in w for w in t)]
    assert len(patched) == 4
    assert all(
        'last checkpoint, patched with 0.5 of CLIP' in t for t in patched
    )
    for row in ('vclip', 'ablations/gwa+weights', 'vclip+logits'):
        found = records(row)
        assert len(found) == 12 and {r.method for r in found} == {row}
    count = len(pretend.commands)
    bench.main(line)
    assert len(pretend.commands) == count


def test_a_seed_of_mini_sets_weights_and_training_after_preparation(bench):
    bench.main(['mini', '--method', 'clip', 'vclip', '--seeds', '1', '2'])
    prepare, *others = bench.pretend.commands
    assert prepare[1].endswith('data/prepare_mini.py')
    assert prepare[prepare.index('--seeds') + 1 :] == ['1', '2']
    for command in others:
        (seed,) = {w[-4] for w in command if w.startswith('model.weights=')}
        assert f'model.weights=data/mini/clip/seed{seed}.pt' in command
    trained = bench.pretend.of('train.py')
    assert [c[c.index('--seed') + 1] for c in trained] == ['1', '2']
    assert len(bench.pretend.of('tools/test.py')) == 4


def test_seeds_are_of_mini_and_known(bench):
    with pytest.raises(ValueError, match="'ep2' has no seeds"):
        bench.main(['ep2', '--method', 'tc_clip', '--seeds', '0'])
    with pytest.raises(ValueError, match=r'\(0, 1, 2\), got \[0, 7\]'):
        bench.main(['mini', '--method', 'clip', '--seeds', '0', '7'])


def test_clip_is_not_mixed_in_twice(bench):
    for protocol, method in (
        ('mini', 'ablations/open_vclip'),
        ('ep3', 'tc_clip'),
    ):
        with pytest.raises(SystemExit, match='mixes CLIP in by itself'):
            bench.main([protocol, '--method', method, '--ensemble', 'logits'])
    with pytest.raises(SystemExit):
        bench.main(['mini', '--method', 'clip', '--ensemble', 'logits'])
    assert not bench.pretend.commands


def test_a_row_is_named_only_if_it_is_not_as_declared(bench):
    for kind in ('none', 'logits'):
        bench.main(['ep2', '--method', 'open_mede', '--ensemble', kind])
    assert len(records('open_mede')) == len(records('open_mede+none')) == 2


def test_after_a_failure_no_further_run_is_begun(bench):
    bench.pretend.fail_after = 0
    with pytest.raises(SystemExit, match='killed'):
        bench.main(['mini', '--method', 'vclip', 'vifi_clip', 'tc_clip'])
    assert len(bench.pretend.of('train.py')) == 1


def test_a_command_that_fails_names_its_log(bench, monkeypatch, tmp_path):
    monkeypatch.undo()
    call, log = bench.commands.call, tmp_path / 'logs' / 'a.log'
    assert call([sys.executable, '-c', 'print(7)'], log) > 0
    assert log.read_text() == '7\n'
    with pytest.raises(SystemExit, match=r'exit code 3, see .*a\.log'):
        call([sys.executable, '-c', 'raise SystemExit(3)'], log)


def test_every_titled_row_of_mini_has_a_config(repo):
    for method in build_protocol('mini', 'mini').titles:
        assert (repo / 'configs' / 'mini' / f'{method}.py').is_file()


def test_dry_run_and_list_run_nothing(bench, capsys):
    bench.main(['b2n', '--method', 'tc_clip', '--dry-run'])
    bench.main(['--list'])
    out = capsys.readouterr().out
    assert '[12/12] tc_clip, ssv2_draw3' in out and 'ucf101/hat/close/1' in out
    assert not bench.pretend.commands


def test_every_config_that_a_protocol_names_for_the_papers_is_there(bench):
    names = {'tc_clip': ('ep3', 'few-shot', 'b2n', 'k400-full')}
    names['vifi_clip'] = names['tc_clip']
    names['open_vclip'] = ('ep3', 'ucf-ooc', 'b2n', 'k400-closed')
    names['open_mede'] = names['open_vclip']
    for method, protocols in names.items():
        for name in protocols:
            args = bench.parse_args([name, '--method', method])
            one = bench.Bench(args, method)
            for jobs in one.plan():
                assert one.config(jobs[0]).is_file()


def test_a_method_without_the_config_of_a_run_is_told_so(bench):
    with pytest.raises(SystemExit, match=r'no config.*/fs\.py'):
        bench.main(['few-shot', '--method', 'open_mede'])
    assert not bench.pretend.commands
    bench.main(['few-shot', '--method', 'clip', '--zero-shot'])
    assert len(records('clip')) == 12
    tests = bench.pretend.of('test.py')
    assert all(any(w.endswith('clip/k400_zs.py') for w in t) for t in tests)


def test_command_line_is_checked(bench):
    for argv in (
        ['ep2'],
        [],
        ['ep2', '--method', 'x', '--checkpoint', 'y'],
        ['ep2', '--method', 'x', 'y', '--checkpoint', 'a=b'],
    ):
        with pytest.raises(SystemExit):
            bench.parse_args(argv)
