from types import SimpleNamespace

import pytest
import torch
from mmengine.model import MMDistributedDataParallel

from mmovar.engine.hooks.vocabulary_hook import VocabularyHook


class Model:
    classnames = None

    def set_vocabulary(self, classnames):
        self.classnames = tuple(classnames)


def loop(classes):
    metainfo = {} if classes is None else dict(classes=classes)
    dataset = SimpleNamespace(metainfo=metainfo)
    return SimpleNamespace(dataloader=SimpleNamespace(dataset=dataset))


def make_runner(model, train=('a',), val=('b', 'c'), test=('d',)):
    return SimpleNamespace(
        model=model,
        train_loop=loop(train),
        val_loop=loop(val),
        test_loop=loop(test),
    )


def test_each_stage_gets_the_class_names_of_its_data():
    hook, model = VocabularyHook(), Model()
    runner = make_runner(model)
    hook.before_train_epoch(runner)
    assert model.classnames == ('a',)
    hook.before_val_epoch(runner)
    assert model.classnames == ('b', 'c')
    hook.after_val_epoch(runner, {})
    assert model.classnames == ('a',)
    hook.before_test_epoch(runner)
    assert model.classnames == ('d',)


@pytest.mark.parametrize('unset', [None, ()])
def test_validation_alone_keeps_its_class_names(unset):
    hook, model = VocabularyHook(), Model()
    model.classnames = unset
    runner = make_runner(model)
    hook.before_val_epoch(runner)
    hook.after_val_epoch(runner, {})
    assert model.classnames == ('b', 'c')


def test_data_without_class_names_leave_those_of_the_model():
    hook, model = VocabularyHook(), Model()
    runner = make_runner(model, train=None)
    model.classnames = ('x',)
    hook.before_train_epoch(runner)
    runner.train_loop.dataloader.dataset = object()
    hook.before_train_epoch(runner)
    assert model.classnames == ('x',)


def test_no_class_names_at_all_are_told_before_the_first_batch():
    runner = make_runner(Model(), train=None)
    with pytest.raises(ValueError, match=r'SimpleNamespace.*metainfo.*Model'):
        VocabularyHook().before_train_epoch(runner)


def test_model_without_vocabulary_is_left_alone():
    hook, model = VocabularyHook(), SimpleNamespace()
    runner = make_runner(model)
    hook.before_train_epoch(runner)
    hook.before_val_epoch(runner)
    hook.after_val_epoch(runner, {})
    hook.before_test_epoch(runner)
    assert not vars(model)


def test_wrapped_model_is_reached(monkeypatch):
    wrapper = MMDistributedDataParallel.__new__(MMDistributedDataParallel)
    torch.nn.Module.__init__(wrapper)
    wrapper.module = torch.nn.Module()
    model = wrapper.module
    model.classnames = None
    model.set_vocabulary = lambda names: setattr(model, 'classnames', names)
    VocabularyHook().before_test_epoch(make_runner(wrapper))
    assert model.classnames == ('d',)


def test_only_the_loop_of_the_stage_is_needed():
    runner = make_runner(Model())
    del runner.train_loop, runner.val_loop
    VocabularyHook().before_test_epoch(runner)
    with pytest.raises(AttributeError):
        VocabularyHook().before_train_epoch(runner)
