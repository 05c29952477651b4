"""Files and folders that are there whole or not at all."""

import os
import threading
import zipfile

import pytest
import torch

from helpers.kills import limit_files
from helpers.processes import half_made, run_fork
from mmovar.atomic_write import remove_left_overs, replacing, write_text


def hidden(folder):
    return [path for path in folder.rglob('.*') if path.name != '.lock']


def write_folder(path, files):
    with replacing(path) as part:
        part.mkdir()
        for name in files:
            (part / name).write_text(name)


def test_a_file_appears_whole_and_leaves_nothing_beside_it(tmp_path):
    write_text(tmp_path / 'a' / 'x.txt', 'früh')
    write_text(tmp_path / 'a' / 'x.txt', 'spät')
    assert (tmp_path / 'a' / 'x.txt').read_bytes() == 'spät'.encode()
    assert os.listdir(tmp_path / 'a') == ['x.txt']
    umask = os.umask(0)
    os.umask(umask)
    mode = (tmp_path / 'a' / 'x.txt').stat().st_mode & 0o777
    assert mode == 0o666 & ~umask


def test_a_failure_keeps_what_was_there(tmp_path):
    write_text(tmp_path / 'x', 'old')
    with pytest.raises(ZeroDivisionError), replacing(tmp_path / 'x') as part:
        part.write_text('new')
        raise ZeroDivisionError
    assert (tmp_path / 'x').read_text() == 'old'
    assert os.listdir(tmp_path) == ['x']


def test_a_folder_replaces_one_that_is_not_empty(tmp_path):
    write_folder(tmp_path / 'x', ['a', 'b'])
    write_folder(tmp_path / 'x', ['c'])
    assert os.listdir(tmp_path / 'x') == ['c']
    assert os.listdir(tmp_path) == ['x']


@pytest.mark.parametrize('same_pid', [False, True])
def test_what_a_killed_process_left_is_removed(
    tmp_path, monkeypatch, same_pid
):
    if same_pid:  # as PID 1 of one container after another
        monkeypatch.setattr(os, 'getpid', lambda: 1)
    assert run_fork(half_made, tmp_path / 'x') == -9
    assert run_fork(half_made, tmp_path / 'y') == -9
    assert len(hidden(tmp_path)) == 1  # y removed that of x
    write_folder(tmp_path / 'x', ['a'])
    assert hidden(tmp_path) == []
    assert os.listdir(tmp_path / 'x') == ['a']


def test_an_empty_folder_of_a_killed_process_is_removed(tmp_path):
    assert run_fork(half_made, tmp_path / 'x') == -9
    (left,) = hidden(tmp_path)
    for path in left.iterdir():
        path.unlink()  # killed before it was locked
    write_text(tmp_path / 'x', 'whole')
    assert os.listdir(tmp_path) == ['x']


def test_two_that_write_at_once_leave_the_last_one_whole(tmp_path):
    with replacing(tmp_path / 'x') as slow:
        slow.mkdir()
        (slow / 'slow').write_text('1')
        write_folder(tmp_path / 'x', ['quick'])
        assert run_fork(write_folder, tmp_path / 'x', ['other']) == 0
        assert os.listdir(tmp_path / 'x') == ['other']
        (slow / 'more').write_text('2')
    assert sorted(os.listdir(tmp_path / 'x')) == ['more', 'slow']
    assert os.listdir(tmp_path) == ['x']


def test_many_that_write_at_once_never_fail(tmp_path):
    failed = []

    def work(number):
        try:
            for _ in range(30):
                write_folder(tmp_path / 'x', [f'{number}a', f'{number}b'])
        except OSError as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    (first, second) = sorted(os.listdir(tmp_path / 'x'))
    assert first[0] == second[0]
    assert os.listdir(tmp_path) == ['x']


def test_long_names_are_names(tmp_path):
    name = 'n' * 250 + '.txt'
    write_text(tmp_path / name, 'text')
    assert os.listdir(tmp_path) == [name]


def test_no_name_of_a_process_is_written_into_a_file(tmp_path):
    names = []
    for folder in ('a', 'b'):
        with replacing(tmp_path / folder / 'seed0.pt') as part:
            torch.save({'x': torch.ones(2)}, part)
        file = tmp_path / folder / 'seed0.pt'
        names.append(zipfile.ZipFile(file).namelist())
    assert names[0] == names[1] and 'seed0/data.pkl' in names[0]


def fill_the_disk(path):
    limit_files(1000)
    with pytest.raises(OSError, match='too large'):
        write_text(path, 'x' * 10_000)


def test_a_full_disk_keeps_what_was_there(tmp_path):
    write_text(tmp_path / 'x', 'old')
    assert run_fork(fill_the_disk, tmp_path / 'x') == 0
    assert (tmp_path / 'x').read_text() == 'old'
    assert os.listdir(tmp_path) == ['x']


def test_a_pipe_is_written_to_and_stays_one(tmp_path):
    os.mkfifo(tmp_path / 'pipe')
    reader = os.open(tmp_path / 'pipe', os.O_RDONLY | os.O_NONBLOCK)
    write_text(tmp_path / 'pipe', 'text')
    assert os.read(reader, 9) == b'text'
    assert (tmp_path / 'pipe').is_fifo()


def test_a_file_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    events = []
    sync = os.fsync

    def note(descriptor):
        events.append(os.readlink(f'/proc/self/fd/{descriptor}'))
        assert (tmp_path / 'x').exists() == (len(events) == 2)
        sync(descriptor)

    monkeypatch.setattr(os, 'fsync', note)
    write_text(tmp_path / 'x', 'text')
    assert events[0].endswith('/x') and events[1] == str(tmp_path)


def test_left_overs_are_removed_but_for_those_in_use(tmp_path):
    for name in ('x', 'y'):
        assert run_fork(half_made, tmp_path / name) == -9
    (tmp_path / '.mine').touch()
    with replacing(tmp_path / 'z') as part:
        remove_left_overs(tmp_path)
        assert sorted(os.listdir(tmp_path)) == ['.mine', part.parent.name]
        part.write_text('z')
    assert sorted(os.listdir(tmp_path)) == ['.mine', 'z']


def test_many_files_cost_one_look_at_their_folder(tmp_path, monkeypatch):
    looks = []
    look = os.listdir
    monkeypatch.setattr(os, 'listdir', lambda f: looks.append(f) or look(f))
    for number in range(3):
        write_text(tmp_path / f'{number}', 'text')
    assert looks == [tmp_path]


def test_files_of_a_folder_that_is_being_made_are_written_as_they_are(
    tmp_path, monkeypatch
):
    synced = []
    monkeypatch.setattr(os, 'fsync', synced.append)
    with replacing(tmp_path / 'x') as part:
        write_text(part / 'a' / 'b', 'text')
        assert os.listdir(part / 'a') == ['b']
        assert synced == []
    assert (tmp_path / 'x' / 'a' / 'b').read_text() == 'text'
