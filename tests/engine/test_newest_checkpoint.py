"""Which checkpoint a training goes on from."""

import shutil

import pytest
import torch
from mmengine.logging import MMLogger
from mmengine.runner import runner as host

from mmovar.engine import find_newest_checkpoint, last_checkpoint


@pytest.fixture
def log(monkeypatch):
    lines = []
    logger = MMLogger.get_current_instance()
    for level in ('info', 'warning'):
        monkeypatch.setattr(logger, level, lines.append, raising=True)
    monkeypatch.setattr(logger, 'log', lambda level, text: lines.append(text))
    return lines


def save(path, time, epoch):
    meta = dict(time=f'20260101_0000{time:02}', epoch=epoch, iter=9 * epoch)
    content = dict(meta=meta, message_hub={}, state_dict=dict(w=torch.ones(9)))
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(content, path)
    return path


@pytest.fixture
def run(tmp_path):
    """A run of three epochs."""
    folder = tmp_path / 'run'
    for epoch in (1, 2, 3):
        save(folder / f'epoch_{epoch}.pth', epoch, epoch)
    (folder / 'last_checkpoint').write_text('epoch_3.pth')
    return folder


@pytest.mark.parametrize('last', ['', '\n', 'epoch_9.pth', 'epoch_1.pth'])
def test_the_newest_is_taken_whatever_last_checkpoint_says(run, last, log):
    (run / 'last_checkpoint').write_text(last)
    assert find_newest_checkpoint(run) == str(run / 'epoch_3.pth')
    assert f'goes on from {run}/epoch_3.pth' in log[-1]


def half(file):
    file.write_bytes(file.read_bytes()[:-300])


def empty(file):
    file.write_bytes(b'')


def text(file):
    file.write_text('<html>not found</html>')


def flipped(file):
    """Change a weight, which only its checksum tells."""
    content = bytearray(file.read_bytes())
    place = content.index(torch.ones(9).numpy().tobytes())
    content[place] ^= 1
    file.write_bytes(content)


def a_list(file):
    torch.save([1, 2], file)


def bare_weights(file):
    torch.save(dict(state_dict=dict(w=torch.ones(9))), file)


BREAKS = [half, empty, text, flipped, a_list, bare_weights]


@pytest.mark.parametrize('spoil', BREAKS)
def test_a_broken_newer_one_is_named_and_passed_over(run, spoil, log):
    spoil(run / 'epoch_3.pth')
    assert find_newest_checkpoint(run) == str(run / 'epoch_2.pth')
    assert log[0].startswith(f'passed over: {run}/epoch_3.pth ')


@pytest.mark.parametrize('spoil', [half, flipped, bare_weights])
def test_a_training_never_begins_anew_over_checkpoints(run, spoil):
    for file in run.glob('*.pth'):
        spoil(file)
    with pytest.raises(ValueError, match='none can be read') as error:
        find_newest_checkpoint(run)
    for epoch in (1, 2, 3):
        assert f'{run}/epoch_{epoch}.pth' in str(error.value)


@pytest.mark.parametrize('last', ['', 'epoch_3.pth'])
def test_a_note_of_lost_checkpoints_is_an_error(run, last):
    for file in run.glob('*.pth'):
        file.unlink()
    (run / 'last_checkpoint').write_text(last)
    with pytest.raises(ValueError, match='had checkpoints, but none'):
        find_newest_checkpoint(run)


@pytest.mark.parametrize('folder', ['none', '.'])
def test_without_a_trace_it_begins_anew_and_says_so(tmp_path, folder, log):
    assert find_newest_checkpoint(tmp_path / folder) is None
    assert log == [f'{tmp_path / folder}: no checkpoint, training begins anew']


def test_a_copied_run_goes_on_from_itself(run, tmp_path):
    (run / 'last_checkpoint').write_text(str(run / 'epoch_3.pth'))  # as before
    copy = tmp_path / 'copy'
    shutil.copytree(run, copy)
    save(run / 'epoch_3.pth', 59, 3)
    assert last_checkpoint(copy) == copy / 'epoch_3.pth'
    assert find_newest_checkpoint(copy) == str(copy / 'epoch_3.pth')


def test_the_newest_is_by_the_time_it_was_written(run):
    """Of a run that went back, and of copies whose dates are mixed."""
    save(run / 'epoch_1.pth', 8, 1)
    save(run / 'epoch_2.pth', 9, 2)
    (run / 'epoch_3.pth').touch()
    assert find_newest_checkpoint(run) == str(run / 'epoch_2.pth')


def test_checkpoints_elsewhere_are_found(run, tmp_path):
    work_dir = tmp_path / 'work'
    work_dir.mkdir()
    (work_dir / 'last_checkpoint').write_text('../run/epoch_2.pth')
    assert find_newest_checkpoint(work_dir) == f'{work_dir}/../run/epoch_3.pth'
    (work_dir / 'last_checkpoint').write_text('s3://runs/epoch_2.pth')
    assert find_newest_checkpoint(work_dir) == 's3://runs/epoch_2.pth'


def test_what_is_no_checkpoint_of_a_training_is_not_looked_at(run):
    text(run / 'best_acc_top1_epoch_3.pth')
    text(run / 'patched_epoch_3.pth')
    assert find_newest_checkpoint(run) == str(run / 'epoch_3.pth')


def test_mmengine_resumes_from_it_by_itself(run):
    (run / 'last_checkpoint').write_text('')
    assert host.find_latest_checkpoint(str(run)) == str(run / 'epoch_3.pth')
