"""Pre-train the tiny CLIP of the mini benchmark on rendered captions."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from tqdm import tqdm

from mmovar.clip import (
    TextTransformer,
    VisionTransformer,
    WordTokenizer,
    merge_clip_state_dict,
)

from .captions import PRETRAINING, StillRecipe, draw_stills, words
from .frames import SIZE

CONTEXT_LENGTH = 16
_MEAN = (122.771, 116.746, 104.093)
_STD = (68.500, 66.632, 70.323)


@dataclass(frozen=True)
class PretrainRecipe:
    """Settings of the pre-training.

    Attributes:
        num_stills: Image-caption pairs.
        epochs: Passes over them.
        batch_size: Pairs in a batch.
        lr: Peak learning rate of AdamW; cosine to 1 % of it.
        warmup: Steps of linear warm-up.
        weight_decay: Of parameters with two or more dimensions.
        logit_scale: Initial inverse temperature.
        stills: How images and captions are drawn.
    """

    num_stills: int = 32000
    epochs: int = 8
    batch_size: int = 128
    lr: float = 1.5e-3
    warmup: int = 100
    weight_decay: float = 0.05
    logit_scale: float = 20.0
    stills: StillRecipe = StillRecipe()

    @property
    def steps_per_epoch(self) -> int:
        """Optimizer steps of an epoch; a short last batch is left out."""
        return self.num_stills // self.batch_size


def mini_arch() -> dict[str, Any]:
    """Return the sizes of the tiny CLIP in open_clip's form."""
    return dict(
        embed_dim=64,
        quick_gelu=True,
        vision_cfg=dict(
            image_size=SIZE, layers=4, width=96, head_width=24, patch_size=8
        ),
        text_cfg=dict(
            context_length=CONTEXT_LENGTH,
            vocab_size=len(words()) + 3,
            width=64,
            heads=4,
            layers=2,
        ),
    )


def normalise(images: np.ndarray) -> Tensor:
    """Turn RGB uint8 images (..., S, S, 3) to CLIP's input (..., 3, S, S)."""
    pixels = torch.from_numpy(images).float()
    pixels = (pixels - torch.tensor(_MEAN)) / torch.tensor(_STD)
    return pixels.movedim(-1, -3).contiguous()


def contrastive_loss(
    image: Tensor, text: Tensor, scale: Tensor, caption_ids: Tensor
) -> Tensor:
    """Return the symmetric InfoNCE loss; equal captions share the target.

    Args:
        image: Image features (N, D), not normalised.
        text: Text features (N, D), not normalised.
        scale: Inverse temperature, shape ().
        caption_ids: Equal numbers for equal captions, (N,).
    """
    logits = scale * F.normalize(image, dim=-1) @ F.normalize(text, dim=-1).T
    same = (caption_ids[:, None] == caption_ids).float()
    target = same / same.sum(dim=1, keepdim=True)
    return (
        F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)
    ) / 2


def pretrain(
    seed: int,
    recipe: PretrainRecipe = PretrainRecipe(),
) -> dict[str, Tensor]:
    """Render image-caption pairs and train the tiny CLIP on them.

    One thread does it: the weights depend on how a machine adds numbers, not
    on how many cores of it are free.

    Args:
        seed: Seeds pairs, initial weights and order.
        recipe: Settings.

    Returns:
        Weights under CLIP's names (``visual.*``, text at the root,
        ``logit_scale``), in half precision as OpenAI's are.

    Raises:
        ValueError: If there are fewer pairs than one batch.
    """
    if recipe.num_stills < recipe.batch_size:
        raise ValueError(
            f'num_stills ({recipe.num_stills}) must be at least '
            f'batch_size ({recipe.batch_size})'
        )
    with _one_thread():
        return _pretrain(seed, recipe)


def _pretrain(seed: int, recipe: PretrainRecipe) -> dict[str, Tensor]:
    rng = np.random.default_rng((seed, PRETRAINING))
    images, captions = draw_stills(rng, recipe.num_stills, recipe.stills)
    tokens = WordTokenizer(words(), CONTEXT_LENGTH)(captions)
    _, distinct = np.unique(captions, return_inverse=True)
    caption_ids = torch.from_numpy(distinct)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        vision = VisionTransformer(mini_arch())
        text = TextTransformer(mini_arch())
    log_scale = nn.Parameter(torch.tensor(math.log(recipe.logit_scale)))
    optimizer, schedule = _optimizer(
        [*vision.parameters(), *text.parameters(), log_scale], recipe
    )
    order = _order(rng, recipe)
    for rows in tqdm(order, f'pre-train CLIP {seed}', disable=None):
        image = vision.encode_frames(normalise(images[rows])[:, None])[:, 0]
        loss = contrastive_loss(
            image, text(tokens[rows]), log_scale.exp(), caption_ids[rows]
        )
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        schedule.step()
    weights = merge_clip_state_dict(vision, text, log_scale.detach())
    return {key: value.half() for key, value in weights.items()}


@contextmanager
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _order(
    rng: np.random.Generator, recipe: PretrainRecipe
) -> list[np.ndarray]:
    """Return the rows of each step."""
    steps, size = recipe.steps_per_epoch, recipe.batch_size
    return [
        rows
        for _ in range(recipe.epochs)
        for rows in rng.permutation(recipe.num_stills)[: steps * size].reshape(
            steps, size
        )
    ]


def _optimizer(
    params: list[nn.Parameter], recipe: PretrainRecipe
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
    total = recipe.steps_per_epoch * recipe.epochs
    groups = [
        dict(
            params=[p for p in params if p.ndim > 1],
            weight_decay=recipe.weight_decay,
        ),
        dict(params=[p for p in params if p.ndim <= 1], weight_decay=0.0),
    ]
    optimizer = torch.optim.AdamW(groups, lr=recipe.lr, betas=(0.9, 0.98))

    def factor(step: int) -> float:
        cosine = 0.505 + 0.495 * math.cos(math.pi * step / total)
        return min(1.0, (step + 1) / recipe.warmup) * cosine

    return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
