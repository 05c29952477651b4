"""Features of videos that several test sets share."""

import json
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any

from mmengine.dist import all_gather_object
from torch import Tensor

Features = Any
"""Tensors whose first dimension counts views, in nested tuples, or None."""

# a list and its class names do not change what a video looks like
_LIST_KEYS = {
    'ann_file',
    'check_paths',
    'classnames',
    'indices',
    'list_classnames',
    'metainfo',
}
_LABEL_KEYS = {'label', 'sample_idx'}


def video_keys(
    dataset: Any, config: Mapping[str, Any]
) -> list[Hashable] | None:
    """Key each sample by what the model gets of it.

    Two samples do if their datasets differ in list and class names only, and
    all that enters the pipeline but the label is equal.

    Args:
        dataset: With ``get_data_info``, as MMEngine's ``BaseDataset``.
        config: What it was built from.

    Returns:
        One key a sample; None if the dataset does not tell.
    """
    if not hasattr(dataset, 'get_data_info'):
        return None
    plain = {k: v for k, v in config.items() if k not in _LIST_KEYS}
    group = json.dumps(plain, sort_keys=True, default=repr)
    return [
        (
            group,
            *(
                f'{key}={value!r}'
                for key, value in sorted(dataset.get_data_info(i).items())
                if key not in _LABEL_KEYS
            ),
        )
        for i in range(len(dataset))
    ]


class SharedVideos:
    """Keep the features of videos until the last set that needs them.

    Each process keeps what it has encoded itself, on the CPU; all know who
    has what.

    Args:
        keys: Set to the keys of its samples.
        limit: Bytes that a process keeps at most. Videos beyond it are
            encoded again.
    """

    def __init__(
        self, keys: Mapping[str, Sequence[Hashable]], limit: int
    ) -> None:
        self.keys = dict(keys)
        self._limit, self._bytes = limit, 0
        self._needed = Counter(k for s in self.keys.values() for k in set(s))
        self._owner: dict[Hashable, int] = {}
        self._kept: dict[Hashable, tuple[Features, Any]] = {}
        self._new: list[int] = []

    def owner(self, name: str, index: int) -> int | None:
        """Return the process that has a sample's features, if one has."""
        return self._owner.get(self.keys[name][index])

    def add(
        self, name: str, index: int, features: Features, sample: Any
    ) -> None:
        """Keep features and data sample, if a later set needs them."""
        key = self.keys[name][index]
        if self._needed[key] < 2 or key in self._kept:
            return
        features = map_tensors(lambda t: t.detach().cpu().clone(), features)
        size = sum(t.numel() * t.element_size() for t in tensors(features))
        if self._bytes + size <= self._limit:
            self._bytes += size
            self._kept[key] = features, sample
            self._new.append(index)

    def get(self, name: str, index: int) -> tuple[Features, Any]:
        """Return features and data sample that this process has."""
        return self._kept[self.keys[name][index]]

    def finish(self, name: str) -> None:
        """End a set: tell the others what is new, forget what is done."""
        for rank, indices in enumerate(all_gather_object(self._new)):
            for index in indices:
                self._owner.setdefault(self.keys[name][index], rank)
        self._new = []
        for key in set(self.keys[name]):
            self._needed[key] -= 1
            if not self._needed[key]:
                self._owner.pop(key, None)
                features, _ = self._kept.pop(key, (None, None))
                self._bytes -= sum(
                    t.numel() * t.element_size() for t in tensors(features)
                )


def shared_keys(
    keys: Mapping[str, list[Hashable] | None],
) -> dict[str, list[Hashable]]:
    """Return the keys of the sets that have a video in common with others."""
    known = {name: of_set for name, of_set in keys.items() if of_set}
    count = Counter(key for of_set in known.values() for key in set(of_set))
    return {
        name: of_set
        for name, of_set in known.items()
        if any(count[key] > 1 for key in of_set)
    }


def map_tensors(function: Callable[..., Tensor], *trees: Features) -> Features:
    """Apply a function to the tensors at the same place of several trees."""
    first = trees[0]
    if first is None:
        return None
    if isinstance(first, Tensor):
        return function(*trees)
    return tuple(
        map_tensors(function, *parts) for parts in zip(*trees, strict=True)
    )


def tensors(tree: Features) -> Iterable[Tensor]:
    """Yield the tensors of a tree."""
    if isinstance(tree, Tensor):
        yield tree
    elif tree is not None:
        for part in tree:
            yield from tensors(part)
