"""What a tiny CLIP recognises in still images, without fine-tuning."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from mmovar.clip import (
    TextTransformer,
    VisionTransformer,
    WordTokenizer,
    split_clip,
)

from .captions import PROBE, StillRecipe, draw_stills, words
from .motions import MOTIONS
from .objects import OBJECTS
from .pretrain import CONTEXT_LENGTH, mini_arch, normalise
from .scenes import SCENES

_EVAL_BATCH = 500


@torch.no_grad()
def probe(
    weights: dict[str, Tensor], seed: int, count: int = 2000
) -> dict[str, float]:
    """Classify fresh stills zero-shot by object, motion and scene.

    All three are independent here. A still does not tell the two motions of
    an attribute apart, so at most half of them are right.

    Args:
        weights: Weights as :func:`pretrain` returns them.
        seed: Seed of the stills.
        count: Number of stills.

    Returns:
        Fraction right of 'object', 'motion' and 'scene', each in [0, 1].
    """
    vision, text = VisionTransformer(mini_arch()), TextTransformer(mini_arch())
    clip = split_clip(weights)
    vision.load_state_dict(clip.visual)
    text.load_state_dict(clip.text)
    everything = StillRecipe(bias=0, say_object=1, say_motion=1, say_scene=1)
    images, captions = draw_stills(
        np.random.default_rng((seed, PROBE)), count, everything
    )
    features = torch.cat(
        [
            vision.encode_frames(normalise(part)[:, None])[:, 0]
            for part in np.array_split(images, math.ceil(count / _EVAL_BATCH))
        ]
    )
    tokenizer = WordTokenizer(words(), CONTEXT_LENGTH)
    scores = {}
    for name, names, prompt in (
        ('object', OBJECTS, 'a photo of a {}'),
        ('motion', MOTIONS, 'a photo of a thing {}'),
        ('scene', SCENES, 'a photo of a thing in the {}'),
    ):
        classes = F.normalize(
            text(tokenizer([prompt.format(n) for n in names])), dim=-1
        )
        found = (features @ classes.T).argmax(dim=1).tolist()
        scores[name] = float(
            np.mean(
                [
                    names[index] in caption.split()
                    for index, caption in zip(found, captions, strict=True)
                ]
            )
        )
    return scores
