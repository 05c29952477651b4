import copy

import pytest
import torch
from mmaction.structures import ActionDataSample
from mmengine.runner import Runner

from helpers.tiny_clip import (
    NAMES,
    TEMPLATES,
    tiny_arch,
    write_weights,
    write_words,
)
from mmovar.engine.hooks import WeightPatchHook


class Clips(torch.utils.data.Dataset):
    """Four random clips."""

    def __len__(self):
        return 4

    def __getitem__(self, index):
        generator = torch.Generator().manual_seed(index)
        clip = torch.randint(0, 255, (1, 3, 2, 32, 32), generator=generator)
        sample = ActionDataSample().set_gt_label(index % len(NAMES))
        return dict(inputs=clip.to(torch.uint8), data_samples=sample)


GWA = dict(type='GWAHook', mu=1, sigma=0.5)
PATCH = dict(type='WeightPatchHook')


@pytest.fixture(scope='module')
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp('clip')
    write_weights(folder / 'clip.pt')
    write_words(folder / 'words.txt')
    return folder


@pytest.fixture
def build(files, tmp_path):
    def build(hooks=(), **kwargs):
        loader = dict(
            batch_size=2,
            num_workers=0,
            dataset=Clips(),
            sampler=dict(type='DefaultSampler', shuffle=False),
            collate_fn=dict(type='pseudo_collate'),
        )
        return Runner(
            model=dict(
                type='CLIPRecognizer',
                arch=tiny_arch(),
                weights=str(files / 'clip.pt'),
                backbone=dict(type='VCLIPViT'),
                cls_head=dict(
                    type='TextHead',
                    classnames=NAMES,
                    templates=TEMPLATES,
                    tokenizer=str(files / 'words.txt'),
                    topk=(1,),
                ),
            ),
            work_dir=str(tmp_path),
            default_scope='mmaction',
            train_dataloader=copy.deepcopy(loader),
            train_cfg=dict(by_epoch=True, max_epochs=2),
            optim_wrapper=dict(optimizer=dict(type='AdamW', lr=0.01)),
            test_dataloader=loader,
            test_cfg=dict(),
            test_evaluator=dict(type='AccMetric'),
            default_hooks=dict(checkpoint=dict(type='CheckpointHook')),
            custom_hooks=list(hooks),
            randomness=dict(seed=0),
            log_level='ERROR',
            experiment_name=f'{tmp_path.name}{len(list(tmp_path.iterdir()))}',
            **kwargs,
        )

    return build


def logits_in_test(runner):
    """Test, and return the logits (4, C)."""
    seen = []
    handle = runner.model.cls_head.register_forward_hook(
        lambda module, inputs, outputs: seen.append(outputs.detach().clone())
    )
    runner.test()
    handle.remove()
    return torch.cat(seen)


@pytest.mark.parametrize('trained_with', [[], [GWA]])
@pytest.mark.parametrize('patch_last', [True, False])
def test_ends_are_exact_with_and_without_an_average(
    build, tmp_path, trained_with, patch_last
):
    build(trained_with).train()
    latest = str(tmp_path / 'epoch_2.pth')

    def logits(hooks, load_from=latest):
        return logits_in_test(build(hooks, load_from=load_from))

    def patched(**share):
        hooks = [*trained_with, dict(PATCH, **share)]
        return logits(hooks if patch_last else hooks[::-1])

    clip, tuned = logits([], None), logits(trained_with)
    assert not torch.allclose(clip, tuned, atol=0.1)
    assert torch.equal(patched(alpha=0), clip)
    assert torch.equal(patched(open_vclip_ratio=1), clip)
    assert torch.equal(patched(alpha=1), tuned)
    half = patched(wise_ft=0.5)
    assert not torch.equal(half, clip)
    assert not torch.equal(half, tuned)
    if trained_with:  # the average, not the raw weights
        checkpoint = torch.load(latest, weights_only=False)
        assert not torch.equal(
            checkpoint['state_dict']['cls_head.logit_scale'],
            checkpoint['ema_state_dict']['module.cls_head.logit_scale'],
        )


def test_training_neither_starts_from_nor_resumes_patched_weights(
    build, tmp_path
):
    build().train()
    saved = torch.load(tmp_path / 'epoch_2.pth', weights_only=False)
    scale = saved['state_dict']['cls_head.logit_scale']
    hooks = [dict(PATCH, alpha=0)]
    for kwargs in (dict(load_from=str(tmp_path / 'epoch_2.pth')), {}):
        runner = build(hooks, **kwargs, resume=not kwargs)
        runner.train_loop.run = lambda: None
        runner.train()
        assert torch.equal(runner.model.cls_head.logit_scale.detach(), scale)


def test_checkpoint_of_another_model_is_refused(build, tmp_path):
    path = tmp_path / 'other.pth'
    torch.save(dict(state_dict=dict(weight=torch.zeros(1))), path)
    runner = build([dict(PATCH, alpha=0.5)], load_from=str(path))
    with pytest.raises(ValueError, match=r"lack \d+ of CLIP.*\['weight'\]"):
        runner.test()


def test_exactly_one_share_is_needed():
    with pytest.raises(ValueError, match='need one of'):
        WeightPatchHook()
