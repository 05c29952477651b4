"""The commands on encoded clips, with a random ViT-B/16."""

import imageio.v3 as imageio
import pytest
import torch

from helpers.clips import write_film
from mmovar.clip import (
    TextTransformer,
    VisionTransformer,
    merge_clip_state_dict,
)

CLIPS = {
    'playing guitar': 'testsrc2.mp4',
    'tai chi': 'mandelbrot.mp4',
    'biking': 'testsrc.avi',
    'basketball': 'gradients.avi',
}
RANDOM = ('--device', 'cpu', '--cfg-options', 'model.weights=None')

pytestmark = pytest.mark.slow


@pytest.fixture(scope='module')
def videos(tmp_path_factory):
    """Folder of the clips."""
    folder = tmp_path_factory.mktemp('videos')
    for name in CLIPS.values():
        picture = name.partition('.')[0]
        write_film(folder / name, '-pix_fmt', 'yuv420p', picture=picture)
    return folder


@pytest.fixture
def visualize(load_tool, tmp_path):
    tool = load_tool('visualize')

    def run(*arguments):
        out = tmp_path / 'pictures'
        tool.main([*map(str, arguments), '--out', str(out)])
        return out

    return run


def check(path):
    picture = imageio.imread(path)
    assert picture.shape[0] > 200
    assert picture.std() > 20


def test_attention_of_frames_and_of_windows(visualize, videos, repo):
    configs = repo / 'configs'
    out = visualize(
        *('attention', videos / CLIPS['playing guitar']),
        *('--model', f'CLIP={configs}/clip/k400_zs.py'),
        *('--model', f'VCLIP={configs}/open_vclip/k400_zs.py'),
        *('--labels', *CLIPS, *RANDOM, 'model.cls_head.templates=bare'),
    )
    check(out / 'attention.png')
    assert len(imageio.imread(out / 'attention.mp4')) == 8


def test_context_of_a_clip(visualize, videos, repo):
    out = visualize(
        *('context', videos / CLIPS['tai chi'], '--layer', 0),
        *('--model', f'TC={repo}/configs/tc_clip/k400_zs.py', *RANDOM),
    )
    check(out / 'context.png')


def test_embedding_of_clips(visualize, videos, repo, tmp_path):
    for label, name in CLIPS.items():
        (tmp_path / 'clips' / label).mkdir(parents=True)
        (tmp_path / 'clips' / label / name).symlink_to(videos / name)
    out = visualize(
        *('embedding', '--videos', tmp_path / 'clips'),
        *('--model', f'CLIP={repo}/configs/clip/k400_zs.py', *RANDOM),
    )
    check(out / 'embedding.png')


@pytest.fixture
def real_run(tmp_path, videos, repo):
    """A config and weights of B/16 on these clips, as if it were mini."""
    arch = 'ViT-B-16-quickgelu'
    torch.manual_seed(0)
    weights = merge_clip_state_dict(
        VisionTransformer(arch), TextTransformer(arch), torch.tensor(2.0)
    )
    torch.save(weights, tmp_path / 'clip.pt')
    lines = [f'{name} {i}\n' for i, name in enumerate(CLIPS.values())]
    (tmp_path / 'list.txt').write_text(''.join(lines))
    (tmp_path / 'two.txt').write_text(''.join(lines[:2]))
    (tmp_path / 'names.txt').write_text('\n'.join(CLIPS))
    path = tmp_path / 'real.py'
    path.write_text(
        f"""
_base_ = '{repo}/configs/clip/k400_zs.py'
model = dict(weights='{tmp_path}/clip.pt', cls_head=dict(templates='bare'))
data = dict(data_root='{tmp_path}', ann_file='list.txt',
    data_prefix=dict(video='{videos}'), classnames='names.txt')
train_dataloader = dict(
    _delete_=True, batch_size=4, num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(type='OpenVocabularyDataset', pipeline=_base_.train_pipeline,
        **data))
quick = [
    dict(step, num_clips=1) if 'num_clips' in step else step
    for step in _base_.test_pipeline
]
test_cfg = dict(
    _delete_=True, type='BenchmarkTestLoop', sets=dict(real=dict()))
test_dataloader = dict(
    batch_size=1, num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(type='OpenVocabularyDataset', pipeline=quick,
        test_mode=True, **dict(data, ann_file='two.txt')))
"""
    )
    return path


def test_landscape_epochs_and_trade_off(
    visualize, load_tool, real_run, tmp_path
):
    out = visualize(
        *('landscape', real_run, '--steps', 3, '--radius', 0.05),
        *('--device', 'cpu'),
    )
    check(out / 'landscape.png')
    epochs = []
    from mmaction.registry import MODELS

    from mmovar.apis import load_config

    model = MODELS.build(load_config(real_run).model)
    for epoch in (1, 2):
        with torch.no_grad():
            model.backbone.proj.mul_(1.5)
        epochs.append(tmp_path / f'epoch_{epoch}.pth')
        torch.save(
            dict(meta=dict(epoch=epoch), state_dict=model.state_dict()),
            epochs[-1],
        )
    metric = 'real/acc/top1'
    out = visualize('epochs', real_run, *epochs, '--metrics', metric)
    check(out / 'epochs.png')
    load_tool('patch_weights').main(
        [
            *map(str, (real_run, epochs[-1], '--out-dir', tmp_path / 'sweep')),
            *('--sweep', '0', '1', '--x', metric, '--y', metric),
        ]
    )
    records = tmp_path / 'sweep' / 'records.jsonl'
    out = visualize(
        'trade-off', f'B/16={records}', '--x', metric, '--y', metric
    )
    check(out / 'trade_off.png')
