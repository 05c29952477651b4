from types import SimpleNamespace

from mmengine.dataset import BaseDataset, ConcatDataset, RepeatDataset
from mmengine.runner import EpochBasedTrainLoop, IterBasedTrainLoop

from mmovar.engine.hooks.epoch_seed_hook import EpochSeedHook


class Dataset(BaseDataset):
    told = None

    def load_data_list(self):
        return [dict(label=0)] * 2

    def set_epoch(self, epoch, seed):
        self.told = (epoch, seed)


def make_runner(dataset, loop_type=EpochBasedTrainLoop):
    return SimpleNamespace(
        train_loop=loop_type.__new__(loop_type),
        train_dataloader=SimpleNamespace(dataset=dataset),
        epoch=3,
        seed=7,
    )


def test_training_data_is_told_epoch_and_seed():
    dataset = Dataset()
    EpochSeedHook().before_train_epoch(make_runner(dataset))
    assert dataset.told == (3, 7)


def test_wrapped_and_joined_data_is_told():
    first, second, third = Dataset(), Dataset(), Dataset()
    for wrapped in (
        ConcatDataset([first, second]),
        RepeatDataset(third, times=2),
    ):
        EpochSeedHook().before_train_epoch(make_runner(wrapped))
    assert first.told == second.told == third.told == (3, 7)


def test_data_without_epoch_is_left_alone():
    EpochSeedHook().before_train_epoch(make_runner(object()))


def test_iteration_based_training_is_left_alone():
    dataset = Dataset()
    runner = make_runner(dataset, IterBasedTrainLoop)
    EpochSeedHook().before_train_epoch(runner)
    assert dataset.told is None
