"""MMAction2's own tools and Python entry points on a config of ours."""

import os
import pickle
import runpy
import subprocess
import sys
import uuid
from pathlib import Path

import mmaction
import pytest
import torch
from mmaction.apis import inference_recognizer, init_recognizer

from mmovar.apis import recognize
from mmovar.mini import prepare, tiny_clip
from mmovar.mini.prepare import MiniRecipe, prepare_mini
from mmovar.mini.pretrain import PretrainRecipe

TOOLS = Path(mmaction.__file__).parent / '.mim' / 'tools'
REPO = Path(__file__).parents[1]
CONFIG = REPO / 'configs' / 'mini' / 'open_mede.py'
SETS = ['known_ic', 'known_ooc', 'novel_ic', 'novel_ooc']
SETS += ['known_ic_shuffled', 'novel_ic_shuffled']


@pytest.fixture(scope='module')
def root(tmp_path_factory):
    """Data root of a mini benchmark of a few videos."""
    sets, root = prepare.mini_sets, tmp_path_factory.mktemp('data')

    def few(*args):
        return {
            name: clips[:: len(clips) // (8 if name == 'known_train' else 2)]
            for name, clips in sets(*args).items()
        }

    tiny = PretrainRecipe(num_stills=8, epochs=1, batch_size=8)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(prepare, 'mini_sets', few)
        patch.setattr(tiny_clip, 'probe', lambda weights, seed: {})
        prepare_mini(root, recipe=MiniRecipe(pretrain=tiny))
    return root


@pytest.fixture(scope='module')
def checkpoint(root):
    """One epoch of MMAction2's tools/train.py, in a process of its own."""
    options = [
        *('train_cfg.max_epochs=1', 'train_dataloader.num_workers=0'),
        'train_dataloader.batch_size=4',
        'train_dataloader.persistent_workers=False',
    ]
    command = [sys.executable, TOOLS / 'train.py', CONFIG, '--cfg-options']
    variables = dict(
        MMOVAR_DATA=str(root), PYTHONPATH=str(REPO), OMP_NUM_THREADS='1'
    )
    done = subprocess.run(
        [*command, *options, '--work-dir', 'run'],
        cwd=root,
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return root / 'run' / 'epoch_1.pth'


@pytest.fixture(autouse=True)
def environment(root, tmp_path, monkeypatch):
    monkeypatch.setenv('MMOVAR_DATA', str(root))
    monkeypatch.setenv('LOCAL_RANK', '0')  # which the tools would set
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def test(checkpoint, monkeypatch):
    """Run MMAction2's tools/test.py."""

    def run(config, *arguments):
        name = f'experiment_name={uuid.uuid4().hex}'
        command = ['test.py', config, checkpoint, *arguments, '--cfg-options']
        monkeypatch.setattr(sys, 'argv', [*map(str, command), name])
        runpy.run_path(str(TOOLS / 'test.py'), run_name='__main__')

    return run


@pytest.fixture
def video(root):
    return str(min(root.glob('mini/videos/seed0/known_ic/*.mp4')))


def known_names(root):
    return tuple((root / 'mini' / 'known.txt').read_text().splitlines())


def test_test_measures_dumps_and_draws_each_set(test, tmp_path):
    config = tmp_path / 'config.py'
    config.write_text(
        f'_base_ = {str(CONFIG)!r}\n'
        "test_evaluator = [dict(type='OpenVocabularyMetric'),\n"
        "    dict(type='AccMetric', prefix='stock')]\n"
    )
    test(config, '--dump', 'p.pkl', '--show-dir', 'shown', '--interval', '2')
    (log,) = tmp_path.rglob('*.log')
    log = log.read_text()
    for name in SETS:
        predictions = pickle.loads((tmp_path / f'p_{name}.pkl').read_bytes())
        classes = 24 if name.startswith('novel') else 72
        assert [len(p['pred_score']) for p in predictions] == 2 * [classes]
        hits = [p['pred_label'] == p['gt_label'] for p in predictions]
        for prefix in ('acc', 'stock'):
            value = sum(hits).item() / len(hits)
            assert f'{name}/{prefix}/top1: {value:.4f}' in log
        (picture,) = (tmp_path / 'shown' / name).glob('*.png')
        assert name.removesuffix('_shuffled') in picture.name


def test_inference_takes_class_names_from_the_checkpoint(
    checkpoint, root, video
):
    model = init_recognizer(str(CONFIG), str(checkpoint), device='cpu')
    assert model.classnames == known_names(root)
    sample = inference_recognizer(model, video)
    (ours,) = recognize(model, video)
    assert ours.labels[0] == model.classnames[sample.pred_label]
    best = sample.pred_score.softmax(0).max()
    assert best.item() == pytest.approx(ours.probabilities[0], abs=1e-6)


def test_inferencer_scores_as_inference_does(checkpoint, video):
    from mmaction.apis.inferencers import MMAction2Inferencer

    inferencer = MMAction2Inferencer(
        rec=str(CONFIG), rec_weights=str(checkpoint), device='cpu'
    )
    steps = inferencer.actionrecog_inferencer.pipeline.transforms
    names = [type(step).__name__ for step in steps]
    assert names[1:4:2] == ['VideoInit', 'VideoDecode']
    ((found,), (scores,)) = inferencer(video)['predictions'][0].values()
    model = init_recognizer(str(CONFIG), str(checkpoint), device='cpu')
    sample = inference_recognizer(model, video)
    assert found == sample.pred_label.tolist()
    torch.testing.assert_close(torch.tensor(scores), sample.pred_score)


@pytest.mark.parametrize(
    ('tool', 'arguments'),
    [
        ('average_checkpoints', []),
        ('patch_weights', ['--alpha', '0.5']),
    ],
)
def test_tools_that_rewrite_a_checkpoint_keep_its_names(
    load_tool, checkpoint, root, tool, arguments
):
    command = [*arguments, '--out', 'new.pth', str(checkpoint)]
    if tool == 'patch_weights':
        command.insert(0, str(CONFIG))
    load_tool(tool).main(command)
    state_dict = torch.load('new.pth', weights_only=True)['state_dict']
    names = state_dict._metadata['cls_head']['classnames']
    assert names == known_names(root)
