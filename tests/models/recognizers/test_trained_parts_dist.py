"""Two processes over gloo, without a search for unused parameters."""

import pytest
import torch
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from mmengine.model import MMDistributedDataParallel
from mmengine.optim import OptimWrapper

from helpers.processes import run_processes
from helpers.tiny_clip import (
    NAMES,
    largest_difference,
    tiny_arch,
    write_weights,
    write_words,
)

pytestmark = pytest.mark.dist

WORLD, STEPS = 2, 2
LEARNERS = {
    'image': dict(trainable=['backbone']),
    'text': dict(trainable=['text_encoder']),
    'both': dict(trainable=['backbone', 'text_encoder', 'logit_scale']),
    'vl_prompt': dict(
        backbone=dict(type='PromptedCLIPViT', n_ctx=2, depth=2),
        cls_head=dict(type='LearnablePromptTextHead', n_ctx=2, depth=3),
        trainable=['VPT', 'prompt_learner'],
    ),
}


def build(folder, learner):
    """Build a learner with the CLIP weights of a folder."""
    parts = LEARNERS[learner]
    head = dict(
        type='TextHead',
        tokenizer=str(folder / 'words.txt'),
        templates='a clip of {}.',
        classnames=NAMES,
        fusion='mean_embedding',
        topk=(1,),
    )
    torch.manual_seed(0)
    return MODELS.build(
        dict(
            type='CLIPRecognizer',
            arch=tiny_arch(),
            weights=str(folder / 'clip.pt'),
            backbone=parts.get('backbone', dict(type='CLIPViT')),
            cls_head=dict(head, **parts.get('cls_head', {})),
            trainable=parts['trainable'],
        )
    ).train()


def data_of(step, videos):
    generator = torch.Generator().manual_seed(step)
    inputs = torch.randn(2 * WORLD, 1, 3, 2, 32, 32, generator=generator)
    samples = [
        ActionDataSample().set_gt_label(i % 3) for i in range(2 * WORLD)
    ]
    return dict(inputs=inputs[videos], data_samples=samples[videos])


def train(model, module, videos):
    """Take some steps; return what is tuned, and names of all with state."""
    optimizer = torch.optim.SGD(module.parameters(), lr=0.01, momentum=0.9)
    wrapper = OptimWrapper(optimizer)
    for step in range(STEPS):
        losses = model(**data_of(step, videos), mode='loss')
        wrapper.update_params(losses['loss_cls'])
    names = {p: n for n, p in module.named_parameters()}
    tuned = {
        n: p.detach().clone()
        for n, p in module.named_parameters()
        if p.requires_grad
    }
    return tuned, {names[p] for p in optimizer.state}


def train_all(rank, folder):
    results = {}
    for learner in LEARNERS:
        module = build(folder, learner)
        model = MMDistributedDataParallel(module, device_ids=None)
        videos = slice(2 * rank, 2 * rank + 2)
        results[learner] = train(model, module, videos)
    return results


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp('ranks')
    write_weights(folder / 'clip.pt')
    write_words(folder / 'words.txt')
    return folder


@pytest.fixture(scope='module')
def ranks(folder):
    return run_processes(train_all, folder, folder)


@pytest.mark.parametrize('learner', LEARNERS)
def test_processes_equal_one_process_with_all_videos(ranks, folder, learner):
    (first, state), (second, _) = (results[learner] for results in ranks)
    assert largest_difference(first, second) == 0
    model = build(folder, learner)
    before = {n: p.detach().clone() for n, p in model.named_parameters()}
    alone, _ = train(model, model, slice(None))
    assert largest_difference(first, alone) < 1e-5
    moved = {n for n, p in first.items() if not torch.equal(p, before[n])}
    assert moved == state == first.keys()
