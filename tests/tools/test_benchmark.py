"""tools/benchmark.py with commands that only pretend to train and test."""

import json
import os
import sys
from pathlib import Path
from threading import Barrier

import pytest

from helpers.pretend import records
from mmovar.benchmark import (
    PROTOCOLS,
    build_protocol,
)


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


def test_tests_of_a_run_take_the_jobs_that_are_free(bench, monkeypatch):
    pair = Barrier(2, timeout=20)
    started = []

    def call(command, log):
        if str(command[1]).endswith('test.py'):
            pair.wait()  # until the other one is started too
        started.append(log)
        return bench.pretend(command, log)

    monkeypatch.setattr(bench.commands, 'call', call)
    line = ['mini', '--method', 'vclip', '--seeds', '0', '--jobs', '2']
    bench.main([*line, '--ensemble', 'none', 'logits'])
    assert len(started) == 3  # training, two tests


def test_a_seed_of_mini_sets_weights_and_training_after_preparation(bench):
    bench.main(['mini', '--method', 'clip', 'vclip', '--seeds', '1', '2'])
    assert bench.pretend.prepared == [('data', [1, 2])]
    for command in bench.pretend.commands:
        (seed,) = {w[-4] for w in command if w.startswith('model.weights=')}
        assert f'model.weights=data/mini/clip/seed{seed}.pt' in command
        assert f'draw={seed}' in command
    trained = bench.pretend.of('train.py')
    assert [c[c.index('--seed') + 1] for c in trained] == ['1', '2']
    assert len(bench.pretend.of('tools/test.py')) == 4


def test_seeds_are_of_mini_and_known(bench):
    with pytest.raises(ValueError, match="'ep2' has no seeds"):
        bench.main(['ep2', '--method', 'tc_clip', '--seeds', '0'])
    with pytest.raises(ValueError, match=r'\(100, 101\), got \[0, 7\]'):
        bench.main(['mini', '--method', 'clip', '--seeds', '0', '7'])


@pytest.mark.parametrize(
    ('options', 'threads'),
    [('--jobs 2', '4'), ('--jobs 2 --gpus 2', '2'), ('--jobs 1', None)],
)
def test_jobs_share_the_cores(bench, monkeypatch, options, threads):
    monkeypatch.setenv('OMP_NUM_THREADS', '')  # so it is put back
    monkeypatch.delenv('OMP_NUM_THREADS')
    monkeypatch.setattr(os, 'cpu_count', lambda: 8)
    bench.main(['mini', '--method', 'clip', '--seeds', '0', *options.split()])
    assert os.environ.get('OMP_NUM_THREADS') == threads


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
    line = ['mini', '--method', 'vclip', 'clip', '--seeds', '0']
    bench.main([*line, '--ensemble', 'none', 'logits'])
    mixed = [
        'test_cfg.clip_share=0.5' in test
        for test in bench.pretend.of('tools/test.py')
    ]
    assert sorted(mixed) == [False, False, True]  # VCLIP twice, CLIP


def test_none_is_the_row_of_who_does_not_ask(bench):
    line = ['mini', '--method', 'vclip', '--seeds', '0']
    bench.main(line)
    count = len(bench.pretend.commands)
    bench.main([*line, '--ensemble', 'none'])
    assert len(bench.pretend.commands) == count
    bench.main(['ep2', '--method', 'open_mede', '--ensemble', 'none'])
    assert 'test_cfg.clip_share=0' in bench.pretend.of('tools/test.py')[-1]


def test_a_row_is_named_only_if_it_is_not_as_declared(bench):
    for kind in ('none', 'logits'):
        bench.main(['ep2', '--method', 'open_mede', '--ensemble', kind])
    assert len(records('open_mede')) == len(records('open_mede+none')) == 2


def test_after_a_failure_no_further_run_is_begun(bench):
    bench.pretend.fail_after = 0
    with pytest.raises(SystemExit, match='killed'):
        bench.main(['mini', '--method', 'vclip', 'vifi_clip', 'tc_clip'])
    assert len(bench.pretend.of('train.py')) == 1


def test_after_a_failed_test_no_further_test_is_begun(bench):
    bench.pretend.fail_after = 0
    line = ['mini', '--method', 'vclip', '--seeds', '0']
    with pytest.raises(SystemExit, match='killed'):
        bench.main([*line, '--ensemble', 'none', 'logits'])
    assert len(bench.pretend.of('tools/test.py')) == 1


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
