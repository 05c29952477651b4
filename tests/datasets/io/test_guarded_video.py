import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from torch.utils.data import DataLoader

from mmovar.datasets.io import guarded_video
from mmovar.datasets.io.guarded_video import DecoderError, GuardedVideo

READER = 'helpers.fake_reader:open_video'


@pytest.fixture(autouse=True)
def fake_reader(use_reader):
    use_reader(READER)


def read(name, indices=(0, 3), **kwargs):
    video = GuardedVideo(f'/nowhere/{name}.mp4', **kwargs)
    assert len(video) == 5
    assert (video.fps, video.width, video.height) == (25, 6, 4)
    assert video.damage == ''
    frames = video.read(np.array(indices))
    assert video.damage == f'{len(indices)} frames were read'
    return frames


def assert_good(name='good'):
    frames = read(name, [0, 3, 3])
    assert [frame.shape for frame in frames] == [(4, 6, 3)] * 3
    assert [frame.mean() for frame in frames] == [0, 3, 3]
    assert all(frame.flags.writeable for frame in frames)


def pid():
    """Process that decodes."""
    with pytest.raises(OSError, match='^[0-9]+$') as caught:
        read('pid_open')
    return int(str(caught.value))


def ended(process, seconds=5):
    """Whether a process is gone, or a zombie, within some time."""
    stop = time.monotonic() + seconds
    while time.monotonic() < stop:
        try:
            with open(f'/proc/{process}/stat') as file:
                if file.read().rpartition(')')[2].split()[0] == 'Z':
                    return True
        except FileNotFoundError:
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize('when', ['open', 'read'])
@pytest.mark.parametrize(
    ('what', 'error', 'text'),
    [
        ('crash', DecoderError, r'crashed \(Segmentation fault\)'),
        ('kill', DecoderError, r'crashed \(Killed, out of memory'),
        ('exit', DecoderError, r'crashed \(exit code 3\)'),
        ('spin', DecoderError, 'takes more than 0.2 s'),
        ('sleep', DecoderError, 'takes more than 0.2 s'),
        ('raise', OSError, 'has no video stream'),
        ('bug', RuntimeError, "KeyError: 'a mistake of the program'"),
    ],
)
def test_bad_video_is_an_error_with_its_path_and_the_next_one_is_read(
    what, when, error, text
):
    other = GuardedVideo('/nowhere/good.mp4')
    with pytest.raises(error, match=f'{text}') as caught:
        read(f'{what}_{when}', timeout=0.2)
    if error is DecoderError:
        assert str(caught.value).startswith(f'/nowhere/{what}_{when}.mp4: ')
    assert_good()
    assert other.read([2])[0].mean() == 2


def test_one_process_serves_one_video_after_another():
    assert len({pid() for _ in range(3)}) == 1
    assert pid() != os.getpid()


def test_process_that_somebody_ended_meanwhile_costs_no_video():
    first = pid()
    os.kill(first, signal.SIGTERM)
    assert ended(first)
    assert_good()


def test_interrupted_question_is_not_answered_to_the_next():
    old = signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 1)
    try:
        with pytest.raises(KeyboardInterrupt):
            read('sleep_read')
    finally:
        signal.signal(signal.SIGALRM, old)
    assert_good()


def test_threads_read_at_the_same_time():
    slow = threading.Thread(
        target=lambda: pytest.raises(
            DecoderError, read, 'sleep_open', timeout=0.5
        )
    )
    slow.start()
    assert_good()
    assert slow.is_alive()
    slow.join()


def test_fork_leaves_the_process_to_its_parent():
    first = pid()
    child = os.fork()
    if child == 0:
        try:
            os._exit(pid() == first)
        finally:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    assert pid() == first


@pytest.mark.parametrize('name', ['good', 'spin_open', 'sleep_open'])
def test_process_ends_when_its_parent_is_killed(name):
    program = (
        'import sys\n'
        f'sys.path.insert(0, {os.path.dirname(guarded_video.__file__)!r})\n'
        'from decoder_child import import_by_name\n'
        f'import_by_name("{guarded_video.__name__}:GuardedVideo")\n'
        f'g = sys.modules["{guarded_video.__name__}"]\n'
        f'g.READER = {READER!r}\n'
        'process = g._Process()\n'
        'g._idle.append(process)\n'
        'print(process.process.pid, flush=True)\n'
        f'g.GuardedVideo("/nowhere/{name}.mp4").read([0])\n'
        'print("read", flush=True)\n'
        'import time; time.sleep(1000)\n'
    )
    parent = subprocess.Popen(
        [sys.executable, '-c', program],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, 'PYTHONPATH': os.pathsep.join(sys.path)},
    )
    child = int(parent.stdout.readline())
    if name == 'good':
        assert parent.stdout.readline() == 'read\n'
    else:
        time.sleep(0.3)
    assert not ended(child, 0.1)
    parent.kill()
    parent.wait()
    assert ended(child)


class Videos:
    """Data set whose items are frames, or the error of a bad video."""

    names = ('good', 'crash_open', 'good', 'sleep_read', 'crash_read', 'good')

    def __len__(self):
        return len(self.names)

    def __getitem__(self, index):
        try:
            frame = read(self.names[index], [index % 5], timeout=0.2)[0]
            return int(frame[0, 0, 0])
        except DecoderError as error:
            return str(error)


def test_each_data_worker_has_its_own():
    assert_good()
    items = list(DataLoader(Videos(), batch_size=None, num_workers=2))
    assert [items[0], items[2], items[5]] == [0, 2, 0]
    for index in (1, 3, 4):
        assert items[index].startswith(f'/nowhere/{Videos.names[index]}.mp4: ')
    assert_good()


def test_time_limit_is_checked():
    with pytest.raises(ValueError, match='timeout must be above 0, got 0'):
        GuardedVideo('good.mp4', timeout=0)


def test_decoder_that_does_not_start_is_no_fault_of_the_video(use_reader):
    use_reader('helpers.nothing:x')
    with pytest.raises(RuntimeError, match='ended at once'):
        read('good')
