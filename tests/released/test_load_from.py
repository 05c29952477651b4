"""Released files as ``load_from`` of a config."""

import pytest
import torch
from mmaction.registry import DATASETS
from mmaction.structures import ActionDataSample
from mmengine.config import Config
from mmengine.runner.checkpoint import load_state_dict
from torch.utils.data import Dataset

from helpers.bomb import Bomb
from helpers.released_weights import clip_weights, vclip_weights, vifi_weights
from mmovar.apis import build_runner, load_released
from mmovar.clip.weight_files import read_weight_file
from mmovar.engine.weights.preparation import prepare_checkpoint
from mmovar.released.files import convert_file, save_converted

NAMES = ['archery', 'tai chi']


@DATASETS.register_module(force=True)
class ReleasedClips(Dataset):
    """Two clips of noise."""

    def __len__(self):
        return 2

    def __getitem__(self, i):
        generator = torch.Generator().manual_seed(i)
        clip = torch.randn(1, 3, 2, 32, 32, generator=generator)
        sample = ActionDataSample().set_gt_label(i)
        return dict(inputs=clip, data_samples=sample)


@pytest.fixture
def build(tmp_path):
    """Build a runner that tests a released file with a config."""
    torch.save(clip_weights(), tmp_path / 'clip.pt')
    arch = load_released(clip_weights()).config['arch']

    def build(load_from, backbone='CLIPViT', weights='clip.pt', **head):
        loader = dict(
            batch_size=2,
            dataset=dict(type='ReleasedClips'),
            sampler=dict(type='DefaultSampler', shuffle=False),
            collate_fn=dict(type='pseudo_collate'),
        )
        config = Config(
            dict(
                model=dict(
                    type='CLIPRecognizer',
                    arch=arch,
                    weights=weights and str(tmp_path / weights),
                    backbone=dict(type=backbone),
                    cls_head={
                        **dict(type='TextHead', classnames=NAMES),
                        **dict(templates='vifi_clip'),
                        **dict(fusion='mean_embedding'),
                        **head,
                    },
                    data_preprocessor=dict(
                        type='ActionDataPreprocessor', format_shape='NCTHW'
                    ),
                ),
                work_dir=str(tmp_path / 'run'),
                default_scope='mmaction',
                test_dataloader=loader,
                test_cfg=dict(),
                test_evaluator=dict(type='AccMetric'),
                load_from=str(load_from),
                log_level='ERROR',
                experiment_name=f'{tmp_path.name}_{torch.rand(()).item()}',
            )
        )
        return build_runner(config)

    return build


def logits_of(runner):
    seen = []
    runner.model.cls_head.register_forward_hook(
        lambda module, inputs, outputs: seen.append(outputs.clone())
    )
    runner.test()
    return torch.cat(seen)


def clips():
    both = [ReleasedClips()[i]['inputs'] for i in range(2)]
    return torch.cat(both).transpose(1, 2)


def save(content, path):
    torch.save(content, path)
    return path


@pytest.fixture
def release(tmp_path):
    weights = {f'module.{k}': v for k, v in vifi_weights().items()}
    return save(dict(model=weights, epoch=9), tmp_path / 'vifi.pth')


def test_released_files_are_tested_as_they_are(build, release):
    expected = load_released(release, NAMES, base=clip_weights())
    logits = logits_of(build(release))
    assert torch.equal(logits, expected.logits(clips()))


def test_converted_files_are_tested_too(build, release, tmp_path):
    converted = convert_file(release)
    assert converted.absent == ('token table',)
    save_converted(converted, tmp_path / 'ours.pth')
    logits = logits_of(build(tmp_path / 'ours.pth'))
    assert torch.equal(logits, logits_of(build(release)))
    # the token table is CLIP's, here as there
    again = load_released(tmp_path / 'ours.pth', NAMES, base=clip_weights())
    assert again.conversion.format.name == 'vifi_clip'
    assert torch.equal(again.logits(clips()), logits)


def test_weights_of_another_model_are_refused(build, release, tmp_path):
    deeper = vclip_weights()
    name = 'model.visual.transformer.resblocks.1.ln_1.weight'
    deeper[name.replace('.1.ln', '.2.ln')] = deeper[name]
    path = save(dict(model_state=deeper), tmp_path / 'deeper.pth')
    with pytest.raises(ValueError, match='keys do not fit the model'):
        build(path).test()


def test_absent_parts_need_the_clip_of_the_config(build, release):
    with pytest.raises(ValueError, match=r"lack the \['token table'\]"):
        build(release, weights=None).test()


def test_code_in_a_file_does_not_run(build, tmp_path, monkeypatch):
    trace = tmp_path / 'trace'
    released = dict(model_state=vclip_weights(), cfg=Bomb(trace))
    released = save(released, tmp_path / 'released.pth')
    with pytest.raises(ValueError, match='system.*--skip-foreign'):
        build(released).test()
    own = dict(state_dict={}, meta=Bomb(trace))
    with pytest.raises(ValueError, match='system.*refused'):
        build(save(own, tmp_path / 'own.pth')).test()
    monkeypatch.setenv('MMOVAR_SKIP_FOREIGN', '1')
    build(released).test()
    assert not trace.exists()


def test_own_checkpoints_are_taken_as_they_are(build, release, tmp_path):
    model = build(release).model
    with torch.no_grad():
        model.cls_head.logit_scale.fill_(2.5)
    model.set_vocabulary(['jump', 'run', 'sit'])
    for content in (dict(state_dict=model.state_dict()), model.state_dict()):
        checkpoint = dict(content)
        prepare_checkpoint(checkpoint, model)
        assert checkpoint['state_dict'].keys() == model.state_dict().keys()
        path = save(content, tmp_path / 'own.pth')
        runner = build(path, classnames=None)
        runner.load_or_resume()
        assert runner.model.cls_head.logit_scale == 2.5
        assert runner.model.classnames == ('jump', 'run', 'sit')


def test_a_built_model_takes_a_release(build, release):
    model, content = build(release).model, read_weight_file(release)
    prepare_checkpoint(content, model)
    load_state_dict(model, content['state_dict'])
    assert model.cls_head.logit_scale == vifi_weights()['logit_scale']
