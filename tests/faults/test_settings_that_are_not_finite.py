"""Settings that are NaN or infinite are refused, and named."""

import dataclasses
import math

import pytest
import torch

from helpers.meta import build_wrapper
from helpers.toy import Toy
from mmovar.apis.loss_landscape import loss_landscape
from mmovar.benchmark.setups import SETUPS
from mmovar.datasets.transforms import (
    FrameColorJitter,
    KeepPeople,
    OpenFrames,
    RandomGray,
    SwapBackground,
)
from mmovar.engine.hooks import (
    GWAHook,
    IWRHook,
    SkipNonFiniteHook,
    UnreadableVideoHook,
)
from mmovar.engine.loops import BenchmarkTestLoop
from mmovar.engine.schedulers import TimmCosineLR
from mmovar.engine.weights.gaussian_weight_average import (
    GaussianWeightAverage,
)
from mmovar.models.blending import MixupCutmix
from mmovar.models.heads.prompt_generator import PromptGenerator


def wrapper(**settings):
    return build_wrapper(Toy(), **settings)


def schedule(**settings):
    optimizer = torch.optim.SGD(Toy().parameters(), lr=1.0)
    if 'warmup' in settings:
        settings['eta_min'] = 0.0
    TimmCosineLR(optimizer, **{'warmup': 2, 'end': 10, **settings})


def landscape(radius):
    loss_landscape(Toy(), {}, {}, steps=3, radius=radius)


def average(**settings):
    GaussianWeightAverage(Toy(), **settings)


def loop(**settings):
    BenchmarkTestLoop(None, {}, {}, **settings)


def setup(clip_share):
    dataclasses.replace(next(iter(SETUPS.values())), clip_share=clip_share)


def generator(alpha):
    PromptGenerator(64, alpha=alpha)


SETTINGS = [
    (wrapper, 'delta'),
    (wrapper, 'support_weight'),
    (wrapper, 'inner_lr'),
    (GWAHook, 'mu'),
    (GWAHook, 'sigma'),
    (average, 'mu'),
    (average, 'sigma'),
    (IWRHook, 'max_alpha'),
    (IWRHook, 'loss_weight'),
    (UnreadableVideoHook, 'max_share'),
    (schedule, 'warmup'),
    (schedule, 'eta_min'),
    (schedule, 'eta_min_ratio'),
    (loop, 'cache_gib'),
    (loop, 'clip_share'),
    (setup, 'clip_share'),
    (landscape, 'radius'),
    (MixupCutmix, 'mixup_alpha'),
    (MixupCutmix, 'cutmix_alpha'),
    (MixupCutmix, 'cutmix_prob'),
    (MixupCutmix, 'label_smoothing'),
    (generator, 'alpha'),
    (OpenFrames, 'fps'),
    (RandomGray, 'prob'),
    (FrameColorJitter, 'prob'),
]


@pytest.mark.parametrize('value', [math.nan, math.inf])
@pytest.mark.parametrize(('build', 'name'), SETTINGS)
def test_settings_that_are_not_finite_are_refused(build, name, value):
    words = 'floor' if name.startswith('eta_min') else name
    with pytest.raises(ValueError, match=rf'{words}.*\b{value}\b'):
        build(**{name: value})


@pytest.mark.parametrize(
    ('build', 'name'),
    [
        (SkipNonFiniteHook, 'max_in_a_row'),
        (KeepPeople, 'tolerance'),
        (SwapBackground, 'tolerance'),
        (OpenFrames, 'tolerance'),
    ],
)
def test_numbers_that_are_none_are_refused(build, name):
    with pytest.raises(ValueError, match=f'{name}.*nan'):
        build(**{name: math.nan})
