import random
from collections import Counter

import pytest

from helpers.published import published
from mmovar.datasets import read_annotation_list
from mmovar.datasets.annotation_list import Annotation
from mmovar.datasets.preparation.draws import (
    draw_few_shot,
    split_by_frequency,
)
from mmovar.vocabulary import read_classnames

NAMES = ('a', 'b', 'c')
VIDEOS = [Annotation(f'{i}.mp4', i % 3) for i in range(60)]


@pytest.mark.parametrize('shots', [1, 4, 20])
def test_each_class_has_its_shots_once(shots):
    drawn = draw_few_shot(VIDEOS, NAMES, shots, seed=1)
    assert len(set(drawn)) == len(drawn)
    assert Counter(v.label for v in drawn) == dict.fromkeys(range(3), shots)
    assert set(drawn) <= set(VIDEOS)


def test_draw_depends_on_the_seed_not_on_the_order():
    first = draw_few_shot(VIDEOS, NAMES, 4, seed=1)
    mixed = random.Random(0).sample(VIDEOS, len(VIDEOS))
    assert draw_few_shot(mixed, NAMES, 4, seed=1) == first
    assert draw_few_shot(VIDEOS, NAMES, 4, seed=2) != first


def test_draws_are_nested_and_classes_independent():
    eight = set(draw_few_shot(VIDEOS, NAMES, 8, seed=3))
    assert set(draw_few_shot(VIDEOS, NAMES, 4, seed=3)) < eight
    part = [Annotation(v.path, v.label - 1) for v in VIDEOS if v.label]
    alone = {v.path for v in draw_few_shot(part, NAMES[1:], 8, seed=3)}
    assert alone == {v.path for v in eight if v.label}


def test_class_with_too_few_videos_is_named():
    with pytest.raises(ValueError, match=r'2 classes.*21.*a \(20\), c \(19\)'):
        draw_few_shot([*VIDEOS[:-1], *[Annotation('x', 1)]], NAMES, 21, 0)
    with pytest.raises(ValueError, match='at least 1, got 0'):
        draw_few_shot(VIDEOS, NAMES, 0, 0)


def test_frequent_half_is_base_and_ties_keep_their_order():
    labels = [0, 0, 1, 2, 2, 3, 4, 4, 4]
    videos = [Annotation(str(i), label) for i, label in enumerate(labels)]
    base, novel = split_by_frequency(videos, 'abcde')
    assert (base, novel) == (('a', 'c', 'e'), ('b', 'd'))


@pytest.mark.parametrize(
    ('dataset', 'path'),
    [
        ('ucf101', 'ucf101/official/trainlist01.txt'),
        ('ssv2', 'ssv2/train.txt'),
    ],
)
def test_rule_gives_the_published_halves(dataset, path):
    names = read_classnames(dataset)
    videos = read_annotation_list(published(path), names)
    assert split_by_frequency(videos, names) == (
        read_classnames(f'{dataset}_base'),
        read_classnames(f'{dataset}_novel'),
    )


def test_rule_gives_the_published_halves_of_hmdb51():
    # 70 training videos of each class.
    names = read_classnames('hmdb51')
    videos = [Annotation('', label) for label in range(51)]
    assert split_by_frequency(videos, names) == (
        read_classnames('hmdb51_base'),
        read_classnames('hmdb51_novel'),
    )
