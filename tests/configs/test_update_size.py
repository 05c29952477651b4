"""An update takes as many videos on any number of GPUs."""

import pytest

from helpers.tiny_config import CONFIGS
from mmovar.apis import load_config
from mmovar.engine.loops.update_size import micro_batches, tasks_of_process

VIDEOS = {
    'mini': 16,
    'open_mede': 64,
    'open_mede/own.py': 32,
    'open_vclip': 64,
    'tc_clip': 256,
    'vifi_clip': 256,
    'vifi_clip/own.py': 16,
    'learners': 256,
    'learners/actionclip_plain.py': 128,
    'learners/actionclip_open_mede.py': 128,
    **{f'{method}_clip/k400_full.py': 512 for method in ('tc', 'vifi')},
    **{
        f'{name}.py': 64  # few-shot and base-to-novel
        for name in (
            *('tc_clip/fs', 'tc_clip/b2n', 'tc_clip/ablations/tc'),
            *('tc_clip/ablations/baseline', 'vifi_clip/fs', 'vifi_clip/b2n'),
            *('vifi_clip/fs_prompt', 'vifi_clip/b2n_prompt'),
            *('vifi_clip/ablations/decision_level',),
            *('vifi_clip/ablations/image_level',),
        )
    },
}
"""Videos an update of a leaf, or of all others in its folder."""

UNTRAINED = {('msrvtt_9k', 'vifi_clip'), ('clip', 'mini')}
LEAVES = sorted(
    str(path.relative_to(CONFIGS))
    for path in CONFIGS.rglob('*.py')
    if path.relative_to(CONFIGS).parts[0] not in ('_base_', 'clip')
    and (path.stem, path.parent.name) not in UNTRAINED
)


def update_of(config, processes):
    """Videos of an update, of a batch, and batches of a process an update."""
    loop, batch_size = config.train_cfg, config.train_dataloader.batch_size
    if loop.type == 'CrossBatchTrainLoop':
        tasks = tasks_of_process(loop.get('total_tasks', 4), processes)
        return tasks * batch_size * processes, tasks * batch_size, 1
    size, counts = micro_batches(loop.total_batch_size, batch_size, processes)
    return size * counts * processes, size, counts


def updates_of_epoch(videos, size, counts, processes):
    """Updates of an epoch, as sampler, loader and loop round."""
    return -(-videos // processes) // size // counts


@pytest.mark.parametrize('leaf', LEAVES)
def test_an_update_does_not_depend_on_the_number_of_processes(leaf):
    config = load_config(CONFIGS / leaf)
    expected = VIDEOS.get(leaf, VIDEOS[leaf.split('/')[0]])
    for processes in (1, 2, 4, 8):
        videos, size, counts = update_of(config, processes)
        more = max(1, processes // config.train_cfg.get('total_tasks', 4))
        if config.train_cfg.type == 'CrossBatchTrainLoop':
            videos /= more  # than the tasks: one each
        else:
            more = 1
        assert videos == expected
        updates = updates_of_epoch(8192, size, counts, processes)
        assert updates == 8192 // (expected * more)
        for length in (416, 3570):  # HMDB51's base draws, and split 1
            updates = updates_of_epoch(length, size, counts, processes)
            assert abs(updates - length // (expected * more)) <= 1
