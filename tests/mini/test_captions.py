"""Image-caption pairs."""

import numpy as np
import pytest

from mmovar.mini.captions import StillRecipe, draw_stills, words
from mmovar.mini.clips import class_names
from mmovar.mini.motions import MOTIONS, attribute_of
from mmovar.mini.pretrain import CONTEXT_LENGTH
from mmovar.mini.scenes import SCENES


def draw(seed, count=600, **recipe):
    rng = np.random.default_rng(seed)
    return draw_stills(rng, count, StillRecipe(**recipe))


def test_pairs_are_those_of_their_seed():
    images, captions = draw(0, 20)
    again, same = draw(0, 20)
    np.testing.assert_array_equal(images, again)
    assert captions == same
    assert captions != draw(1, 20)[1]
    assert images.shape == (20, 32, 32, 3)


def test_captions_use_the_vocabulary():
    used = {word for caption in draw(0)[1] for word in caption.split()}
    assert used == set(words())


def test_captions_fit_the_text_tower():
    longest = max(len(caption.split()) for caption in draw(0)[1])
    assert longest + 2 <= CONTEXT_LENGTH


def test_class_names_are_in_the_vocabulary():
    names = class_names(novel=False) + class_names(novel=True)
    assert {word for name in names for word in name.split()} <= set(words())


def test_captions_say_what_is_asked():
    _, captions = draw(0, say_scene=1, say_motion=0)
    assert all(' in the ' in caption for caption in captions)
    assert not any(word in caption for caption in captions for word in MOTIONS)


@pytest.mark.parametrize(('bias', 'share'), [(0, 1 / 8), (0.4, 0.475), (1, 1)])
def test_bias_is_the_share_of_usual_scenes_beyond_chance(bias, share):
    _, captions = draw(0, 4000, bias=bias, say_scene=1, say_motion=1)
    homes = [
        caption.endswith(SCENES[attribute_of(index)])
        for caption in captions
        for index, motion in enumerate(MOTIONS)
        if f' {motion} ' in caption
    ]
    assert len(homes) == 4000
    assert np.mean(homes) == pytest.approx(share, abs=0.03)
