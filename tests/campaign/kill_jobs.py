"""The commands that are killed, at sizes of seconds."""

import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from helpers.clips import write_video
from helpers.frame_folders import box_masks, noise, write_frames
from helpers.tiny_config import CONFIGS, datasets_of, load_tiny_config

from .kills import Job, kill_job
from .outcome import Outcome
from .process import REPO, tool

EPOCHS, VIDEOS = 3, 16
OPEN_MEDE = 'open_mede/k400_zs.py'


def write_training(leaf: str, folder: Path, **options) -> None:
    """Write a config of the tree with tiny towers, and 16 videos to train."""
    config = load_tiny_config(CONFIGS / leaf, folder, **options)
    data = datasets_of(config)[0]
    root = Path(data.data_root)
    videos = root / data.get('data_prefix', {}).get('video', '')
    for i in range(VIDEOS):
        write_video(videos / f'{i}.mp4', 20, (40, 32), gray=15 * i)
    lines = (f'{i}.mp4 {i % 2}\n' for i in range(VIDEOS))
    (root / data.ann_file).write_text(''.join(lines))
    config.train_dataloader.update(num_workers=1, persistent_workers=True)
    config.train_cfg.update(max_epochs=EPOCHS, val_interval=1)
    config.default_hooks.checkpoint.update(
        max_keep_ckpts=2, save_best='acc/top1', rule='greater'
    )
    for schedule in config.param_scheduler:  # of 10 epochs and more
        if 'warmup' in schedule:
            schedule.warmup = 1
    path = folder / 'configs' / leaf  # its folder says the setup
    path.parent.mkdir(parents=True)
    config.dump(path)


def training(name: str, leaf: str, **options) -> Job:
    """Training with validation, averages and a best checkpoint."""
    return Job(
        name,
        partial(write_training, leaf, **options),
        lambda shared, _: tool(
            *('train.py', shared / 'configs' / leaf, '--work-dir', 'run'),
            '--resume',
        ),
        ('run',),
    )


def write_people(folder: Path) -> None:
    """Write frames and masks of four videos of UCF101."""
    for i, name in enumerate(('Archery', 'YoYo', 'Biking', 'Drumming')):
        frames, masks = (
            noise(6, 32, 64, seed=i),
            box_masks(6, 32, 64, (4, 8, 12, 20), step=(6, 0)),
        )
        write_frames(folder / 'videos' / f'v_{name}_g01_c01', frames)
        write_frames(folder / 'masks' / f'v_{name}_g01_c01', masks)


def synthesis(script: str, *options: str) -> Job:
    """Rendering of videos out of context."""
    return Job(
        script,
        write_people,
        lambda shared, _: tool(
            f'data/{script}',
            *('--videos', shared / 'videos', '--masks', shared / 'masks'),
            *('--classnames', 'ucf101', '--out', 'out', *options),
        ),
        ('out',),
    )


def write_lists(folder: Path) -> None:
    """Write a split of twelve videos of UCF101."""
    for number in range(1, 13):
        name = f'YoYo/v_YoYo_g{number:02d}_c01'
        write_video(folder / 'videos' / f'{name}.mp4')
        part = 'train' if number > 4 else 'test'
        (folder / 'splits').mkdir(exist_ok=True)
        with open(folder / 'splits' / f'{part}list01.txt', 'a') as file:
            file.write(f'{name}.avi 101\n' if number > 4 else f'{name}.avi\n')


def mini(place: Path) -> None:
    """Render and pre-train a mini benchmark of a few clips."""
    from mmovar.mini import clips, prepare, tiny_clip
    from mmovar.mini.pretrain import PretrainRecipe

    full = clips.mini_sets
    prepare.mini_sets = lambda *args: {
        name: some[:30] for name, some in full(*args).items()
    }
    tiny_clip.probe = lambda weights, seed: {}
    recipe = PretrainRecipe(num_stills=32, epochs=2, batch_size=8)
    prepare.prepare_mini(place, (0, 1), prepare.MiniRecipe(pretrain=recipe))


def write_trained(folder: Path) -> None:
    """Train, so that there are checkpoints."""
    write_training(OPEN_MEDE, folder)
    config = folder / 'configs' / OPEN_MEDE
    tool('train.py', config, '--work-dir', folder / 'run')()


def on_checkpoints(name: str, *argv: str) -> Job:
    """A tool that reads checkpoints and writes one."""

    def command(shared: Path, _: Path):
        config = shared / 'configs' / OPEN_MEDE
        places = dict(config=config, run=shared / 'run')
        return tool(name, *(word.format(**places) for word in argv))

    return Job(name, write_trained, command, ('out*',))


def distributed(leaf: str) -> Job:
    """Training on two processes, as dist_train.sh starts it."""

    def command(shared: Path, _: Path):
        script = REPO / 'tools' / 'dist_train.sh'
        argv = ['bash', script, shared / 'configs' / leaf, '2']
        return partial(
            subprocess.run,
            [*argv, '--work-dir', 'run', '--resume'],
            check=True,
            env=dict(os.environ, PYTHON=sys.executable),
        )

    return Job(
        'training on two processes',
        partial(write_training, leaf),
        command,
        ('run',),
    )


JOBS = {
    training('Open-MeDe training', OPEN_MEDE): 12,
    training('Open-VCLIP training', 'open_vclip/k400_zs.py'): 10,
    training('TC-CLIP training', 'tc_clip/k400_zs.py'): 8,
    training('few-shot training', 'vifi_clip/fs.py'): 6,
    distributed(OPEN_MEDE): 3,
    synthesis('make_scuba.py', '--background', 'stripe', '--copies', '2'): 5,
    synthesis('make_hat.py', '--swap', 'random'): 5,
    Job(
        'prepare.py',
        write_lists,
        lambda shared, _: tool(
            *('data/prepare.py', 'ucf101', '--data-root', 'out'),
            *('--videos', shared / 'videos', '--splits', shared / 'splits'),
            *('--workers', '2'),
        ),
        ('out/*/*.txt',),
    ): 4,
    Job(
        'prepare_mini',
        lambda folder: None,
        lambda _, place: partial(mini, place / 'out'),
        ('out',),
    ): 6,
    on_checkpoints(
        *('average_checkpoints.py', '{run}/epoch_2.pth', '{run}/epoch_3.pth'),
        *('--out', 'out.pth'),
    ): 2,
    on_checkpoints(
        *('patch_weights.py', '{config}', '{run}/epoch_3.pth'),
        *('--alpha', '0.5', '--out', 'out.pth'),
    ): 2,
    on_checkpoints(
        *('test.py', '{config}', '{run}/epoch_3.pth', '--out', 'out.json')
    ): 4,
}
"""How often each is killed in a campaign of 64 kills."""


def kills(folder: Path, rng: random.Random, share: float) -> Iterator[Outcome]:
    """Kill all jobs."""
    for job, count in JOBS.items():
        place = folder / re.sub(r'\W+', '_', job.name)
        yield from kill_job(job, place, rng, round(count * share))
