"""Configs of the tree with tiny towers and data, for tests."""

import json
from pathlib import Path

import torch
from mmengine.config import ConfigDict

from mmovar.apis import load_config
from mmovar.clip import (
    TextTransformer,
    VisionTransformer,
    merge_clip_state_dict,
)
from mmovar.datasets import resolve_source
from mmovar.engine import fill_options
from mmovar.engine.loops import test_sets
from mmovar.vocabulary import read_classnames

from .clips import write_video
from .frame_folders import noise, write_frames

CONFIGS = Path(__file__).parents[2] / 'configs'
FRAME = 32
WORDS = ['swimming fast', 'archery drawing']


def frame_size(arch):
    """Pixels of a side of the frames that a CLIP takes."""
    return arch.vision_cfg.image_size if isinstance(arch, dict) else 224


def tiny(size):
    """Sizes of a CLIP of few weights, for frames of a size."""
    return dict(
        embed_dim=16,
        vision_cfg=dict(
            image_size=size,
            patch_size=size // 2,
            width=16,
            head_width=8,
            layers=2,
        ),
        text_cfg=dict(context_length=77, width=16, heads=2, layers=2),
    )


def write_weights(arch, path):
    """Write weights for what needs a CLIP to go back to."""
    state_dict = merge_clip_state_dict(
        VisionTransformer(arch), TextTransformer(arch), torch.tensor(2.0)
    )
    quick_gelu = arch.get('quick_gelu', False)
    torch.save(dict(state_dict=state_dict, quick_gelu=quick_gelu), path)
    return str(path)


def datasets_of(config):
    """Configs of all data sets, as they are built."""
    loaders = [config.get('train_dataloader'), config.get('val_dataloader')]
    return [
        ConfigDict(resolve_source(fill_options(loader.dataset, config)))
        for loader in loaders
        if loader
    ] + [ConfigDict(sets) for sets in test_sets.datasets_of(config).values()]


def loaders_of(config):
    """Configs of all dataloaders."""
    names = ('train_dataloader', 'val_dataloader', 'test_dataloader')
    return [config[name] for name in names if config.get(name)]


def write_clips(dataset):
    """Write four clips of SCUBA as frames, and a list if one is read."""
    root = Path(dataset.data_root)
    name = '{}__0' if dataset.ann_file else 'a_wave_f_nm_np1_ba_med_{}__0'
    for i in range(4):
        folder = root / dataset.scuba_root / name.format(i)
        write_frames(folder, noise(6, 32, 40, seed=i))
    if dataset.ann_file:
        text = ''.join(f'{i}__0 6 {i % 2}\n' for i in range(4))
        (root / dataset.ann_file).write_text(text)


def write_hat(dataset):
    """Write frames, masks and scenes of four clips, and their list."""
    root = Path(dataset.data_root)
    names = read_classnames(dataset.classnames)[:2]
    clips = [f'{names[i % 2]}/clip{i}' for i in range(4)]
    for i, clip in enumerate(clips):
        for k, tree in enumerate(('rawframes', 'seg', 'inpaint')):
            frames = noise(6, 32, 40, seed=3 * i + k)
            write_frames(root / dataset.hat_root / tree / clip, frames)
    lines = [f'{clip} 6 {i % 2}' for i, clip in enumerate(clips)]
    if 'actionswap' in dataset.ann_file:
        lines = ['fg,bg,bg_frames,bg_label0']
        for i, clip in enumerate(clips):
            lines.append(f'{clip},{clips[i - 1]},6,{(i - 1) % 2}')
    (root / dataset.ann_file).write_text('\n'.join(lines))


def write_captions(path, folder):
    """Write two videos, each with a caption of its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'video_id,sentence\n0,{WORDS[0]}\n1,{WORDS[1]}\n')
    for i in range(2):
        write_video(folder / f'{i}.mp4', num_frames=20, size=(40, 32))


def write_data(dataset):
    """Write lists, names and videos where a dataset looks for them."""
    if 'source' in dataset:  # a folder of one's own
        return
    if dataset.type in ('SCUBADataset', 'HATDataset'):
        (write_clips if 'scuba_root' in dataset else write_hat)(dataset)
        return
    root = Path(dataset.data_root)
    folder = root / dataset.get('data_prefix', {}).get('video', '')
    if dataset.type == 'CaptionDataset':
        write_captions(root / dataset.ann_file, folder)
        return
    files = dataset.ann_file
    for file in [files] if isinstance(files, str) else files:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(
            ''.join(f'{i}.mp4 {i % 2}\n' for i in range(4))
        )
    for i in range(4):
        write_video(folder / f'{i}.mp4', num_frames=20, size=(40, 32))
    if Path(dataset.classnames).suffix:
        (root / dataset.classnames).parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(WORDS)
        if not dataset.classnames.endswith('.json'):
            text = '\n'.join(WORDS)
        (root / dataset.classnames).write_text(text)


def write_own(folder):
    """Write two class folders of four videos."""
    for i in range(8):
        path = folder / f'class_{"ab"[i % 2]}' / f'{i}.mp4'
        write_video(path, num_frames=20, size=(40, 32))
    return str(folder)


def shrink_prompts(model):
    """Let deep prompts end at the last layer of the tiny towers."""
    for part in model.backbone, model.cls_head:
        if 'depth' in part:
            part.depth = min(part.depth, 2)


def shrink_context(model):
    """Let a frame of four patches give seeds enough for few contexts."""
    backbone = model.backbone
    if backbone.type != 'TCCLIPViT':
        return
    if backbone.get('seed_ratio') != 1:
        backbone.seed_ratio = 0.5
    if backbone.get('num_context', 96) is not None:
        backbone.num_context = 4
    if 'token_layers' in backbone:
        backbone.token_layers = model.cls_head.layers = (1, 2)


def replaced(part, size, new):
    """Copy a part of a config with another number wherever one stands."""
    if isinstance(part, dict):
        return {key: replaced(v, size, new) for key, v in part.items()}
    if isinstance(part, (list, tuple)):
        return type(part)(replaced(value, size, new) for value in part)
    return new if part == size else part


def shrink_frames(config):
    """Cut frames as small as the tiny model takes them.

    Where a config cuts other frames than its model takes, it still does.
    """
    size = frame_size(config.model.arch)
    for name in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        if config.get(name):
            config[name] = replaced(config[name], size, FRAME)
    if config.get('test_cfg'):
        config.test_cfg = replaced(config.test_cfg, size, FRAME)
    config.model.arch = tiny(FRAME)


def shrink_batches(config):
    """Read the four videos at once, and make an update of them."""
    for loader in loaders_of(config):
        loader.update(batch_size=4, num_workers=0, persistent_workers=False)
    if 'total_batch_size' in config.get('train_cfg', {}):
        config.train_cfg.total_batch_size = 4
    if config.get('train_cfg', {}).get('type') == 'CrossBatchTrainLoop':
        config.train_cfg.total_tasks = 1


def load_tiny_config(path, folder, **options):
    """Load a config, shrink its towers, write its data to a folder."""
    config = load_config(str(path), dict(options, data_root=str(folder)))
    config.work_dir = str(folder / 'work')
    shrink_frames(config)
    config.model.weights = write_weights(config.model.arch, folder / 'clip.pt')
    config.model.cls_head.tokenizer = None
    shrink_prompts(config.model)
    shrink_context(config.model)
    config.load_from = None  # no other training comes before
    config.model.cls_head.setdefault('templates', 'bare')  # 28 take long
    if config.get('dataset', '') is None:
        config.dataset = write_own(folder / 'own')
    for dataset in datasets_of(config):
        write_data(dataset)
    shrink_batches(config)
    return config
