import os
import signal

import pytest
from torch.utils.data import DataLoader

from mmovar.datasets.io import in_hand
from mmovar.datasets.io.in_hand import naming_killed_workers


class Videos:
    """Data set on whose third item the worker is killed."""

    def __len__(self):
        return 4

    def __getitem__(self, index):
        in_hand.note(f'/videos/{index}.mp4')
        if index == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return index


@pytest.mark.parametrize('workers', [1, 2])
def test_error_of_a_killed_worker_names_its_video(workers):
    loader = DataLoader(Videos(), batch_size=2, num_workers=workers)
    with pytest.raises(RuntimeError) as caught, naming_killed_workers():
        list(loader)
    assert str(caught.value).startswith('DataLoader worker (pid')
    assert str(caught.value).endswith('Last video in hand: /videos/2.mp4')


@pytest.mark.parametrize(
    'text', ['DataLoader worker (pid 1) is killed', 'out of memory, pid 3']
)
def test_other_errors_stay_as_they_are(text):
    in_hand.note('/videos/0.mp4')
    with pytest.raises(RuntimeError) as caught, naming_killed_workers():
        raise RuntimeError(text)
    assert str(caught.value) == text
