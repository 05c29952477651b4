import numpy as np
import pytest
import torch
from mmaction.registry import DATA_SAMPLERS
from mmengine.dataset import DefaultSampler
from mmengine.hooks import Hook
from mmengine.model import BaseModel
from mmengine.runner import Runner
from torch import nn

import mmovar  # noqa: F401
from mmovar.engine.loops.cross_batch_train_loop import split_tasks

DISJOINT, SIMILAR = 'DisjointClassBatchSampler', 'SimilarClassBatchSampler'


class Labelled(torch.utils.data.Dataset):
    """Samples that are their index, with labels."""

    def __init__(self, labels):
        self.labels = labels
        self.metainfo = dict(
            classes=tuple(f'class {i}' for i in range(max(labels) + 1))
        )

    def __len__(self):
        return len(self.labels)

    def get_data_info(self, index):
        return dict(label=self.labels[index])

    def __getitem__(self, index):
        return dict(inputs=torch.tensor(index))


def features_on_a_line(num_classes):
    """Unit features; classes 0, 1 are near each other, as are 2, 3, ..."""
    angles = np.arange(num_classes) * 0.2
    angles[1::2] -= 0.15
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def build(kind, labels, batch_size=8, ranks=1, rank=0, seed=3, **kwargs):
    sampler = DefaultSampler(Labelled(labels), shuffle=True, seed=seed)
    sampler.rank, sampler.world_size = rank, ranks
    batches = DATA_SAMPLERS.build(
        dict(type=kind, sampler=sampler, batch_size=batch_size, **kwargs)
    )
    if kind == SIMILAR:
        batches.set_class_features(features_on_a_line(max(labels) + 1))
    return batches


def draw_labels(size, num_classes, seed=0):
    generator = np.random.default_rng(seed)
    return [int(i) for i in generator.integers(num_classes, size=size)]


@pytest.mark.parametrize('kind', [DISJOINT, SIMILAR])
@pytest.mark.parametrize('ranks', [1, 3])
def test_batches_are_full_and_as_many_as_said(kind, ranks):
    labels = draw_labels(100, 7)
    for rank in range(ranks):
        sampler = build(kind, labels, ranks=ranks, rank=rank)
        batches = list(sampler)
        assert len(batches) == len(sampler) == 100 // (8 * ranks)
        assert all(len(set(batch)) == 8 for batch in batches)
        assert all(type(i) is int for batch in batches for i in batch)


@pytest.mark.parametrize('kind', [DISJOINT, SIMILAR])
def test_ranks_share_the_samples_of_an_epoch(kind):
    labels = [i % 8 for i in range(96)]
    ranks = [build(kind, labels, ranks=3, rank=rank) for rank in range(3)]
    seen = [i for sampler in ranks for batch in sampler for i in batch]
    assert len(seen) == 96
    # only the end of an epoch may repeat samples, see DisjointClass...
    assert len(set(seen)) >= (96 if kind == SIMILAR else 80)


@pytest.mark.parametrize('kind', [DISJOINT, SIMILAR])
def test_order_follows_seed_and_epoch_only(kind):
    labels = draw_labels(64, 5)
    one, other = build(kind, labels), build(kind, labels)
    first = list(one)
    assert list(one) == first
    one.sampler.set_epoch(4)
    later = list(one)
    assert later != first
    other.sampler.set_epoch(4)  # as a resumed run does
    assert list(other) == later
    assert list(build(kind, labels, seed=9)) != first


@pytest.mark.parametrize('num_tasks', [1, 2])
@pytest.mark.parametrize(
    'labels',
    [
        draw_labels(200, 30),
        [0] * 40 + [1] * 24,
        [0] * 50 + [1] * 4 + [2] * 4 + [3] * 4,
        sorted(draw_labels(64, 4)),
    ],
    ids=['many', 'two', 'one large', 'sorted'],
)
def test_support_and_query_have_no_class_in_common(labels, num_tasks):
    sampler = build(DISJOINT, labels, num_tasks=num_tasks)
    for epoch in range(3):
        sampler.sampler.set_epoch(epoch)
        for batch in sampler:
            tasks = split_tasks(dict(inputs=batch), num_tasks)
            assert len(tasks) == num_tasks
            for task in tasks:
                support, query = (
                    {labels[i] for i in task[role]['inputs']}
                    for role in ('support', 'query')
                )
                assert not support & query


def test_disjoint_classes_change_sides_between_tasks():
    labels = [i % 4 for i in range(160)]
    supports = {
        frozenset(labels[i] for i in batch[:4])
        for batch in build(DISJOINT, labels)
    }
    assert len(supports) > 3


def test_most_samples_are_seen_once_an_epoch_despite_the_split():
    labels = draw_labels(400, 20)
    seen = [i for batch in build(DISJOINT, labels) for i in batch]
    assert len(set(seen)) > 0.95 * len(seen)


def test_query_classes_are_the_nearest_other_classes():
    labels = [i % 6 for i in range(240)]
    batches = list(build(SIMILAR, labels, batch_size=8))
    early = [
        (labels[support], labels[query])
        for batch in batches[: len(batches) // 2]
        for support, query in zip(batch[:4], batch[4:], strict=True)
    ]
    assert all(query == support ^ 1 for support, query in early)


def test_similar_pairs_of_tasks_stay_within_their_task():
    labels = [i % 6 for i in range(240)]
    batch = next(iter(build(SIMILAR, labels, num_tasks=2)))
    for task in split_tasks(dict(inputs=batch), 2):
        pairs = zip(
            task['support']['inputs'], task['query']['inputs'], strict=True
        )
        assert all(labels[q] == labels[s] ^ 1 for s, q in pairs)


def test_lone_class_pairs_with_itself():
    batches = list(build(SIMILAR, [0] * 17))
    assert len(batches) == 2


def test_initial_order_is_the_stock_sampler_without_shuffling():
    sampler = DefaultSampler(Labelled([0] * 6), shuffle=False)
    assert list(sampler) == [0, 1, 2, 3, 4, 5]


def test_unshuffled_sampler_starts_from_the_order_of_the_list():
    sampler = build(SIMILAR, [0, 0, 1, 1, 0, 0, 1, 1], batch_size=4)
    sampler.sampler.shuffle = False
    assert list(sampler) == [[0, 1, 2, 3], [4, 5, 6, 7]]


@pytest.mark.parametrize(
    ('kind', 'labels', 'kwargs', 'message'),
    [
        (DISJOINT, [0] * 20, {}, '1 classes of 20 to 20 samples'),
        (
            DISJOINT,
            [0] * 20 + [1] * 3,
            {},
            '2 classes of 20 to 3 samples .* groups of 4 samples or more',
        ),
        (SIMILAR, [0, 1] * 3, {}, '6 samples cannot fill a batch of 8'),
        (SIMILAR, [0, 1] * 8, dict(ranks=3), 'on each of 3 ranks'),
        (SIMILAR, [0, 1] * 8, dict(batch_size=7), 'batch_size 7 must be'),
        (SIMILAR, [0, 1] * 8, dict(num_tasks=3), r'2 \* num_tasks = 6'),
        (SIMILAR, [0, 1] * 8, dict(num_tasks=0), 'batch_size 8 must be'),
    ],
)
def test_a_batch_that_cannot_be_filled_fails_at_construction(
    kind, labels, kwargs, message
):
    with pytest.raises(ValueError, match=message):
        build(kind, labels, **kwargs)


def test_other_samplers_and_datasets_without_labels_are_refused():
    plain = torch.utils.data.SequentialSampler(Labelled([0, 1]))
    with pytest.raises(ValueError, match="'DefaultSampler'.*SequentialSam"):
        DATA_SAMPLERS.build(dict(type=SIMILAR, sampler=plain, batch_size=2))
    with pytest.raises(ValueError, match='list has no get_data_info'):
        DATA_SAMPLERS.build(
            dict(type=SIMILAR, sampler=DefaultSampler([0] * 4), batch_size=2)
        )


def test_features_must_cover_the_labels():
    sampler = build(SIMILAR, [0, 1, 2] * 4)
    with pytest.raises(ValueError, match='label 2 has no text feature'):
        sampler.set_class_features(np.eye(2))


class Reader(BaseModel):
    """A model that knows the classes and ignores the data."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(()))

    def encode_text(self, classnames):
        numbers = [int(name.split()[-1]) for name in classnames]
        line = features_on_a_line(len(numbers))
        return torch.from_numpy(line)[numbers]

    def forward(self, inputs, mode='tensor'):
        return dict(loss=self.weight * inputs.float().mean())


class Watch(Hook):
    def __init__(self):
        self.batches = []

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        self.batches.append(data_batch['inputs'].tolist())


def run(folder, kind, hooks=(), epochs=3, labels=None, **kwargs):
    watch = Watch()
    runner = Runner(
        model=Reader(),
        work_dir=str(folder),
        default_scope='mmaction',
        train_dataloader=dict(
            dataset=Labelled(labels or [i % 6 for i in range(48)]),
            batch_size=8,
            sampler=dict(type='DefaultSampler', shuffle=True),
            batch_sampler=dict(type=kind),
            collate_fn=dict(type='default_collate'),
            num_workers=0,
        ),
        train_cfg=dict(
            type='CrossBatchTrainLoop', max_epochs=epochs, total_tasks=1
        ),
        optim_wrapper=dict(
            type='CrossBatchMetaOptimWrapper',
            optimizer=dict(type='AdamW', lr=0.1),
        ),
        custom_hooks=[*hooks, watch],
        randomness=dict(seed=5),
        log_level='ERROR',
        experiment_name=f'{folder.name}{len(list(folder.iterdir()))}',
        **kwargs,
    )
    runner.train()
    return watch.batches


@pytest.mark.parametrize('kind', [DISJOINT, SIMILAR])
def test_resumed_run_goes_on_with_the_batches_of_an_uninterrupted_one(
    kind, tmp_path
):
    hooks = [dict(type='ClassSimilarityHook')] if kind == SIMILAR else []
    whole = run(tmp_path, kind, hooks)
    assert len(whole) == 3 * 6
    assert whole[:6] != whole[6:12]
    resumed = run(
        tmp_path,
        kind,
        hooks,
        resume=True,
        load_from=str(tmp_path / 'epoch_1.pth'),
    )
    assert resumed == whole[6:]


def test_hook_hands_class_features_to_the_sampler(tmp_path):
    hooks = [dict(type='ClassSimilarityHook')]
    first = run(tmp_path, SIMILAR, hooks, epochs=1)[0]
    assert [i % 6 ^ 1 for i in first[:4]] == [i % 6 for i in first[4:]]


def test_similar_sampler_without_its_hook_names_it(tmp_path):
    with pytest.raises(RuntimeError, match='ClassSimilarityHook'):
        run(tmp_path, SIMILAR)


def test_hook_without_its_sampler_is_an_error(tmp_path):
    hooks = [dict(type='ClassSimilarityHook')]
    with pytest.raises(ValueError, match='set_class_features.*DisjointClass'):
        run(tmp_path, DISJOINT, hooks)
