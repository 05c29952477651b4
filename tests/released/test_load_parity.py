"""Released files against the numbers of their authors' code.

Files are drawn by the rule of the fixtures under their official names, and
loaded as users do.
"""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from helpers.parity import fixture_names, load_fixture
from helpers.released_weights import draw_release, draw_table
from helpers.tiny_clip import largest_difference
from mmovar.apis import load_released

LOGITS, UNIT, TIGHT = 1e-4, 1e-5, 1e-6
CLIP_SEED_OFFSET = 7
NAMES = 'class_names', 'texts', 'class_labels'
SCORES = 'logits', 'logits_per_image', 'logits_eval_29_templates'
FILES = [
    pytest.param(name, marks=pytest.mark.slow) if '_full' in name else name
    for name in fixture_names()
]
PATCHED = [
    pytest.param(f'vclip_{size}', marks=marks)
    for size, marks in (('small_T4', ()), ('full_T8', pytest.mark.slow))
]


class Case:
    """A fixture and the checkpoint it was made with."""

    def __init__(self, file):
        self.fixture = load_fixture(file)
        self.size = self.fixture['size']
        self.model = file.split(f'_{self.size}')[0]
        self.seed = self.fixture['seed']
        self.release = draw_release(self.model, self.size, self.seed)
        self.names = next(
            (self.fixture[key] for key in NAMES if key in self.fixture), []
        )
        precision = self.fixture.get('precision', 'float32')
        self.dtype = getattr(torch, precision)
        self.base = draw_table(self.seed) if self.lacks_table else None

    @property
    def lacks_table(self):
        return any('image_encoder.' in name for name in self.release)

    def load(self, **options):
        return load_released(
            self.release,
            self.names,
            num_frames=self.fixture.get('T', 1),
            fmt='vifi_zs_eval' if 'zs_eval' in self.model else 'auto',
            dtype=self.dtype,
            **{'base': self.base, **options},
        )

    def video(self, seed=None):
        rng = np.random.default_rng(seed or self.fixture['video_seed'])
        shape = self.fixture['video_shape']
        video = rng.standard_normal(shape, dtype=np.float32)
        video = torch.from_numpy(video).to(self.dtype)
        return video.unsqueeze(1) if video.ndim == 4 else video

    def clip(self, seed):
        return draw_release('clip', self.size, seed)

    def check(self, ours, theirs, tolerance):
        theirs = torch.tensor(theirs, dtype=ours.dtype)
        exact = self.dtype == torch.float64
        tolerance = TIGHT if exact else tolerance
        assert largest_difference(ours, theirs) < tolerance


@pytest.mark.parametrize('file', FILES)
def test_logits_and_video_features(file):
    case = Case(file)
    model, video, fixture = case.load(), case.video(), case.fixture
    assert not model.training
    for key in SCORES:
        if key in fixture:
            case.check(model.logits(video), fixture[key], LOGITS)
    if 'video_feature_unit' in fixture:
        unit = model.video_features(video)
        case.check(unit, fixture['video_feature_unit'], UNIT)
    if 'video_feature_raw' in fixture:
        raw = torch.tensor(fixture['video_feature_raw'])
        unit = F.normalize(raw, dim=-1).tolist()
        case.check(model.video_features(video), unit, UNIT)


@pytest.mark.parametrize('file', PATCHED)
def test_text_of_clip_and_patching_as_open_vclip_tests(file):
    case = Case(file)
    clip = case.clip(case.seed + CLIP_SEED_OFFSET)
    for alpha, expected in (
        (1.0, case.fixture['logits_text_from_clip']),
        (0.5, case.fixture['patch']['logits']),
    ):
        model = case.load(base=clip, text_from_base=True, alpha=alpha)
        case.check(model.logits(case.video()), expected, LOGITS)


@pytest.mark.parametrize('file', ['tc_clip_small_T4', 'tc_clip_small_T8_f64'])
def test_wise_ft_as_tc_clip_tests(file):
    case = Case(file)
    wise = case.fixture['wise_ft']
    clip = case.clip(wise['clip_seed']) | case.base
    model = case.load(base=clip, alpha=wise['weight_ft'])
    logits = model.logits(case.video(wise['video_seed']))
    case.check(logits, wise['logits'], LOGITS)


@pytest.mark.parametrize('file', ['st_adapter24_small_T4'])
def test_adapters_alone_take_the_tower_from_base(file):
    case = Case(file)
    clip = {k: v for k, v in case.release.items() if k.startswith('visual.')}
    for name in clip:
        del case.release[name]
    model = case.load(base=clip)
    assert len(model.conversion.from_base) == len(clip)
    case.check(model.logits(case.video()), case.fixture['logits'], LOGITS)
