import random

import pytest

from mmovar.vocabulary import ep1_draws, read_classnames


@pytest.mark.parametrize(('dataset', 'size'), [('ucf101', 50), ('hmdb51', 25)])
def test_draws_are_halves_in_label_order(dataset, size):
    names = read_classnames(dataset)
    draws = ep1_draws(dataset)
    assert len(draws) == len(set(draws)) == 10
    for trial, draw in enumerate(draws):
        labels = [names.index(name) for name in draw]
        assert labels == sorted(labels)
        assert len(draw) == size
        assert read_classnames(f'{dataset}_ep1_{trial}') == draw


def test_drawing_leaves_the_global_generator_alone():
    random.seed(1)
    state = random.getstate()
    ep1_draws('hmdb51')
    assert random.getstate() == state


def test_other_datasets_have_no_draws():
    with pytest.raises(ValueError, match="'ssv2'.*ucf101"):
        ep1_draws('ssv2')
