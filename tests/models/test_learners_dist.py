"""Learners train on two gloo processes, as declared and no more."""

import pytest
import torch
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from mmengine.model import MMDistributedDataParallel
from mmengine.optim import build_optim_wrapper

from helpers.processes import run_processes
from helpers.tiny_clip import NAMES, recognizer_config

pytestmark = pytest.mark.dist

STEPS = 3
NECK = dict(type='TemporalTransformer', num_frames=4, heads=2)
LEARNERS = {
    'st_adapter_12': dict(
        backbone=dict(type='STAdapterViT'), trainable=['adapter']
    ),
    'st_adapter_24': dict(
        backbone=dict(type='STAdapterViT', before=['attn', 'mlp']),
        trainable=['adapter'],
    ),
    'vita_clip': dict(
        backbone=dict(type='VitaCLIPViT', num_frames=4),
        trainable=['prompts.', 'time_embed'],
    ),
    'xclip': dict(
        backbone=dict(type='XCLIPViT'),
        neck=NECK,
        cls_head=dict(type='VideoSpecificTextHead', heads=2),
        trainable=['backbone.', 'neck.', 'prompts_'],
    ),
    'actionclip': dict(
        neck=dict(NECK, layers=2),
        cls_head=dict(type='ActionCLIPTextHead'),
        trainable=['backbone.', 'neck.', 'logit_scale'],
    ),
    'a5': dict(
        neck=NECK,
        cls_head=dict(
            type='A5TextHead', n_ctx=2, n_behind=2, templates='bare'
        ),
        trainable=['neck.', 'ctx'],
    ),
}


def build(config, name):
    """Turn a tiny recognizer into a learner."""
    learner = dict(dict(backbone=dict(type='CLIPViT')), **LEARNERS[name])
    learner['cls_head'] = config['cls_head'] | learner.get('cls_head', {})
    torch.manual_seed(0)
    model = MODELS.build(config | learner).train()
    model.set_vocabulary(NAMES)
    return model


def batch(seed):
    generator = torch.Generator().manual_seed(seed)
    shape = (2, 1, 3, 4, 32, 32)
    clips = torch.randint(0, 256, shape, generator=generator)
    return dict(
        inputs=list(clips.to(torch.uint8)),
        data_samples=[ActionDataSample().set_gt_label(i) for i in range(2)],
    )


def train(config, name, rank):
    """Train a learner; return its weights and what was tuned."""
    model = build(config, name)
    before = {k: v.clone() for k, v in model.state_dict().items()}
    wrapper = build_optim_wrapper(
        model, dict(optimizer=dict(type='AdamW', lr=1e-2))
    )
    parallel = MMDistributedDataParallel(model, device_ids=None)
    for step in range(STEPS):
        parallel.train_step(batch(10 * step + rank), wrapper)
    with_state = {id(p) for p in wrapper.optimizer.state}
    return dict(
        weights=model.state_dict(),
        changed={
            k
            for k, v in model.state_dict().items()
            if not torch.equal(v, before[k])
        },
        with_state={
            n for n, p in model.named_parameters() if id(p) in with_state
        },
        declared={
            n
            for n, _ in model.named_parameters()
            if any(key in n for key in LEARNERS[name]['trainable'])
        },
    )


def train_all(rank, config):
    return {name: train(config, name, rank) for name in LEARNERS}


@pytest.fixture(scope='module')
def ranks(tmp_path_factory):
    folder = tmp_path_factory.mktemp('ranks')
    config = recognizer_config(folder)
    return run_processes(train_all, folder, config)


@pytest.mark.parametrize('name', LEARNERS)
def test_what_is_declared_trains_and_nothing_else_costs(ranks, name):
    run = ranks[0][name]
    assert run['declared']
    assert run['with_state'] == run['declared']
    assert run['changed'] <= run['declared']
    # an adapter nobody reads decays only, so its zeros stay zeros
    still = run['declared'] - run['changed']
    assert all('.2.adapter_pre_mlp.' in key for key in still)


@pytest.mark.parametrize('name', LEARNERS)
def test_processes_stay_alike(ranks, name):
    first, second = (results[name]['weights'] for results in ranks)
    assert all(torch.equal(first[key], second[key]) for key in first)
