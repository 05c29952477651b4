"""Classes and clip lists."""

from collections import Counter

import pytest

from mmovar.benchmark.protocols.mini import DEVELOPMENT_SEEDS, SEEDS
from mmovar.mini.clips import (
    class_names,
    eval_clips,
    known_classes,
    mini_sets,
    novel_classes,
    train_clips,
)


def test_no_object_is_known_and_novel():
    known, novel = class_names(novel=False), class_names(novel=True)
    assert (len(set(known)), len(set(novel))) == (12 * 6, 12 * 2)
    assert not {k.obj for k in known_classes()} & {
        k.obj for k in novel_classes()
    }
    assert 'box hopping' in known
    assert 'stick vanishing' in novel


@pytest.mark.parametrize('novel', [False, True])
def test_contexts_differ_in_the_scene_only(novel):
    inside = eval_clips(0, novel, in_context=True, per_class=5)
    outside = eval_clips(0, novel, in_context=False, per_class=5)
    for a, b in zip(inside, outside, strict=True):
        assert (a.label, a.name) == (b.label, b.name)
        assert a.spec.scene != b.spec.scene
        assert a.spec == type(a.spec)(
            b.spec.obj, b.spec.motion, a.spec.scene, b.spec.seed
        )


def test_out_of_context_scenes_are_balanced():
    clips = eval_clips(0, True, in_context=False, per_class=10)
    counts = Counter((clip.label, clip.spec.scene) for clip in clips)
    assert set(counts.values()) == {2}
    assert len(counts) == 24 * 5


def test_rho_is_the_share_of_usual_scenes():
    def share(rho):
        kinds = known_classes()
        clips = train_clips(0, rho, per_class=20)
        return sum(
            clip.spec.scene == kinds[clip.label].scene for clip in clips
        ) / len(clips)

    assert share(1) == 1
    assert share(0) == 0
    assert 0.75 < share(0.8) < 0.85


def test_no_clip_occurs_twice():
    sets = mini_sets(0, 0.95, train_per_class=4, test_per_class=5)
    assert list(sets) == [
        'known_train',
        'known_ic',
        'known_ooc',
        'novel_ic',
        'novel_ooc',
    ]
    train = {clip.spec.seed for clip in sets['known_train']}
    test = {clip.spec.seed for clip in sets['known_ic']}
    assert len(train) == 72 * 4
    assert not train & test


def test_development_shares_no_video_with_tables():
    def videos(seeds):
        return {
            clip.spec.seed
            for seed in seeds
            for clips in mini_sets(seed, 0.95, 13, 10).values()
            for clip in clips
        }

    a_seed = 72 * 13 + 72 * 10 + 24 * 20
    assert len(videos(SEEDS)) == a_seed * len(SEEDS)
    assert len(videos(DEVELOPMENT_SEEDS)) == a_seed * len(DEVELOPMENT_SEEDS)
    assert not videos(SEEDS) & videos(DEVELOPMENT_SEEDS)


def test_the_two_motions_of_a_scene_are_equally_frequent():
    clips = train_clips(0, 1, per_class=2)
    counts = Counter((c.spec.scene, c.spec.obj, c.spec.motion) for c in clips)
    assert set(counts.values()) == {2}
    pairs = Counter((scene, obj) for scene, obj, _ in counts)
    assert set(pairs.values()) == {2}  # so a scene never tells which


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (dict(rho=1.2), r'rho must be in \[0, 1\], got 1.2'),
        (dict(train_per_class=0), 'per_class must be positive, got 0'),
        (dict(test_per_class=7), 'multiple of 5.* got 7'),
    ],
)
def test_settings_are_checked(arguments, message):
    settings = dict(seed=0, rho=1, train_per_class=1, test_per_class=5)
    with pytest.raises(ValueError, match=message):
        mini_sets(**{**settings, **arguments})
