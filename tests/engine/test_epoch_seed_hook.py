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


def make_runner(dataset, loop_type=EpochBasedTrainLoop, blending=None):
    loader = SimpleNamespace(dataset=dataset)
    return SimpleNamespace(
        model=SimpleNamespace(
            data_preprocessor=SimpleNamespace(blending=blending)
        ),
        train_loop=loop_type.__new__(loop_type),
        train_dataloader=loader,
        val_dataloader=loader,
        test_dataloader=loader,
        epoch=3,
        seed=7,
    )


def test_training_data_is_told_epoch_and_seed():
    dataset = Dataset()
    EpochSeedHook().before_train_epoch(make_runner(dataset))
    assert dataset.told == (3, 7)


def test_blending_is_told_epoch_and_seed():
    blending = Dataset()
    EpochSeedHook().before_train_epoch(
        make_runner(object(), blending=blending)
    )
    assert blending.told == (3, 7)


def test_validation_and_test_are_those_of_epoch_0():
    validated, tested = Dataset(), Dataset()
    EpochSeedHook().before_val_epoch(make_runner(validated))
    EpochSeedHook().before_test_epoch(make_runner(tested))
    assert validated.told == tested.told == (0, 7)


def test_wrapped_and_joined_data_is_told():
    first, second, third = Dataset(), Dataset(), Dataset()
    for wrapped in (
        ConcatDataset([first, second]),
        RepeatDataset(third, times=2),
    ):
        EpochSeedHook().before_train_epoch(make_runner(wrapped))
    assert first.told == second.told == third.told == (3, 7)


def test_data_without_epoch_is_left_alone():
    dataset = SimpleNamespace(metainfo={})
    EpochSeedHook().before_train_epoch(make_runner(dataset))
    assert vars(dataset) == dict(metainfo={})


def test_iteration_based_training_is_left_alone():
    dataset = Dataset()
    runner = make_runner(dataset, IterBasedTrainLoop)
    EpochSeedHook().before_train_epoch(runner)
    assert dataset.told is None
