"""A model of the demo that only pretends."""

import time

import numpy as np
from torch import nn

from mmovar.demo.models import Look


class Pretender:
    """Says that the first label is right, with probability alpha.

    It computes for a minute if that label is 'slow'.
    """

    def __init__(self, moves=True, frames=2, own_prompts=False):
        self.moves, self.own_prompts = moves, own_prompts
        self.frames = np.full((frames, 8, 8, 3), 7, np.uint8)

    def look(self, video, labels, templates, alpha):
        layer, end = nn.Identity(), time.monotonic() + 60
        while labels[0] == 'slow' and time.monotonic() < end:
            layer(0)
            time.sleep(0.01)
        rest = (1 - alpha) / (len(labels) - 1)
        return Look(
            np.array([alpha] + [rest] * (len(labels) - 1)),
            self.frames,
            self.frames + 1,
            alpha if self.moves else None,
            self.own_prompts and bool(templates),
        )
