"""What tools/benchmark.py takes over, and what it makes again."""

import shutil
from pathlib import Path

import pytest

from helpers.pretend import records
from helpers.processes import run_fork
from mmovar.benchmark import (
    record_path,
)
from mmovar.one_process import one_process


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


@pytest.mark.parametrize(
    ('method', 'tested'), [('tc_clip', True), ('open_mede', False)]
)
def test_amp_trains_in_half_and_tests_as_the_setup_does(bench, method, tested):
    line = ['ep2', '--method', method]
    bench.main([*line, '--amp'])
    for tool, half in (('train.py', True), ('test.py', tested)):
        for words in bench.pretend.of(tool):
            assert ('--amp' in words) == half
            assert not half or words[words.index('--amp-dtype') + 1] == (
                'bfloat16'
            )
    with pytest.raises(ValueError, match=r"\(no value\)|amp 'bfloat16'"):
        bench.main(line)


def test_records_of_another_precision_are_not_taken(bench):
    line = ['ep2', '--method', 'clip', '--setup', 'vifi_clip']
    bench.main(line)
    shutil.rmtree('work_dirs/benchmark/clip/runs')  # the records are left
    with pytest.raises(
        ValueError, match="precision 'float32', now 'bfloat16'"
    ):
        bench.main([*line, '--amp'])
