import pytest
import torch
import torch.nn.functional as F
from mmaction.structures import ActionDataSample
from mmengine.optim import OptimWrapper

from helpers.tiny_clip import NAMES, TEMPLATES, largest_difference, tiny_arch


def by_hand(head, names=NAMES):
    """Unit mean over the templates of unit features, name by name."""
    rows = []
    for name in names:
        tokens = head.tokenizer([t.format(name) for t in TEMPLATES])
        features = F.normalize(head.text_encoder(tokens), dim=-1)
        rows.append(F.normalize(features.mean(dim=0), dim=0))
    return torch.stack(rows)


def test_weights_are_loaded_when_it_is_built(build, tmp_path):
    content = torch.load(tmp_path / 'clip.pt')['state_dict']
    head = build()
    loaded = head.text_encoder.state_dict()
    loaded['logit_scale'] = head.logit_scale
    expected = {k: v for k, v in content.items() if k[:7] != 'visual.'}
    assert largest_difference(loaded, expected) == 0


def test_text_features_are_the_template_ensemble(build):
    head = build()
    features = head.text_features
    assert features.shape == (3, 24)
    assert largest_difference(features.norm(dim=1), torch.ones(3)) < 1e-6
    assert largest_difference(features, by_hand(head)) < 1e-6


def test_logit_mean_averages_the_logits_of_frames(build, frames):
    head = build(fusion='logit_mean')
    cosines = F.normalize(frames, dim=-1) @ by_hand(head).T
    expected = head.logit_scale.exp() * cosines.mean(dim=1)
    assert largest_difference(head(frames), expected) < 1e-5


def test_mean_embedding_averages_raw_features(build, frames):
    head = build(fusion='mean_embedding')
    video = F.normalize(frames.mean(dim=1), dim=-1)
    expected = head.logit_scale.exp() * video @ by_hand(head).T
    assert largest_difference(head(frames), expected) < 1e-5


def test_fusions_agree_on_a_still(build, frames):
    still = frames[:, :1].expand(-1, 3, -1)
    logits = [build(fusion=f)(still) for f in ('logit_mean', 'mean_embedding')]
    assert largest_difference(*logits) < 1e-5


def test_permuted_classes_permute_the_scores(build, frames):
    order = [2, 0, 1]
    permuted = build(classnames=[NAMES[i] for i in order])
    expected = build()(frames)[:, order]
    assert largest_difference(permuted(frames), expected) < 1e-6


def test_vocabulary_may_change(build, frames):
    head = build()
    head(frames)
    head.set_vocabulary(['push box', 'open ball'])
    assert head.classnames == ('push box', 'open ball')
    assert head.num_classes == 2
    expected = build(classnames=['push box', 'open ball'])(frames)
    assert torch.equal(head(frames), expected)


def test_templates_may_change(build, frames):
    head = build()
    head(frames)
    head.set_templates(['push the {}'])
    assert head.classnames == ()
    head.set_vocabulary(NAMES)
    expected = build(templates=['push the {}'])(frames)
    assert largest_difference(head(frames), expected) == 0
    with pytest.raises(ValueError, match='exactly once'):
        head.set_templates(['none'])
    head.set_templates(['push the {}'])  # the same keep the names
    assert head.classnames == tuple(NAMES)


def test_encode_text_leaves_the_vocabulary(build):
    head = build()
    features = head.encode_text(['push box'])
    assert head.classnames == NAMES
    assert largest_difference(features, by_hand(head, ['push box'])) < 1e-6


# --- training ---


def loss_of(head, frames):
    samples = [ActionDataSample().set_gt_label(i) for i in (2, 0)]
    return head.loss(frames, samples)


def test_loss_is_the_cross_entropy_of_the_logits(build, frames):
    head = build(topk=(1, 2)).train()
    losses = loss_of(head, frames)
    expected = F.cross_entropy(head(frames), torch.tensor([2, 0]))
    assert largest_difference(losses['loss_cls'], expected) < 1e-6
    assert {'top1_acc', 'top2_acc'} < losses.keys()


def test_frozen_tower_gets_no_gradient(build, frames):
    head = build().train()
    frames.requires_grad_()
    loss_of(head, frames)['loss_cls'].backward()
    assert not any(p.requires_grad for p in head.text_encoder.parameters())
    assert frames.grad.abs().max() > 0
    assert head.logit_scale.grad.abs() > 0


def test_logit_scale_may_be_frozen(build):
    assert not build(logit_scale_trainable=False).logit_scale.requires_grad


def test_trained_tower_gets_the_gradients_of_the_formula(build, frames):
    head = build(text_trainable=True).train()
    loss_of(head, frames)['loss_cls'].backward()
    grads = {k: p.grad.clone() for k, p in head.named_parameters()}
    head.zero_grad()
    video = F.normalize(frames, dim=-1).mean(dim=1)
    logits = head.logit_scale.exp() * video @ by_hand(head).T
    F.cross_entropy(logits, torch.tensor([2, 0])).backward()
    expected = {k: p.grad for k, p in head.named_parameters()}
    assert largest_difference(grads, expected) < 1e-5


def test_training_steps_are_seen_by_the_evaluation_after_them(build, frames):
    head = build(text_trainable=True)
    head.eval()(frames)
    optimizer = torch.optim.AdamW(head.parameters(), lr=1e-2)
    wrapper = OptimWrapper(optimizer)
    head.train()
    for _ in range(2):
        wrapper.update_params(loss_of(head, frames)['loss_cls'])
    features = head.eval().text_features
    assert largest_difference(features, by_hand(head)) < 1e-6


# --- evaluation ---


@pytest.mark.parametrize('average', ['score', 'prob', None])
def test_views_are_averaged(build, average):
    head = build(average_clips=average).eval()
    views = torch.randn(6, 3, 24)
    samples = head.predict(views, [ActionDataSample() for _ in range(2)])
    logits = head(views).unflatten(0, (2, 3))
    expected = {
        'score': logits.mean(dim=1),
        'prob': logits.softmax(dim=-1).mean(dim=1),
        None: logits,
    }[average]
    scores = torch.stack([sample.pred_score for sample in samples])
    assert largest_difference(scores, expected) < 1e-6


@pytest.mark.parametrize('text_trainable', [False, True])
@pytest.mark.parametrize('training', [False, True])
def test_logits_are_float32_under_autocast(
    build, frames, text_trainable, training
):
    head = build(text_trainable=text_trainable).train(training)
    exact = head(frames)
    with torch.autocast('cpu', dtype=torch.bfloat16):
        logits = head(frames.bfloat16())
    assert logits.dtype == torch.float32
    # bf16 features have 8 bits; bf16 logits would be multiples of 1/16
    assert largest_difference(logits, exact) < 0.3
    assert logits.bfloat16().ne(logits).any()


def test_features_kept_under_autocast_are_exact(build):
    head = build().eval()
    with torch.autocast('cpu', dtype=torch.bfloat16):
        features = head.text_features
    assert features.dtype == torch.float32
    assert largest_difference(features, by_hand(head)) < 1e-6


# --- errors ---


@pytest.mark.parametrize(
    'wrong, match',
    [
        (dict(fusion='max'), "fusion 'max' is none of .*'logit_mean'"),
        (dict(average_clips='max'), "'max' is none of 'score', 'prob', None"),
        (dict(templates='imagenet'), "unknown templates 'imagenet'"),
        (dict(templates=['a clip']), 'a clip'),
        (dict(classnames=['box', 'ball', 'box']), r"twice: \['box'\]"),
        (dict(classnames=[]), 'need a list of class names'),
        (dict(classnames='box'), "need a list of class names, got 'box'"),
        (dict(classnames=['jump']), r"unknown words \['jump'\]"),
        (dict(classnames=['the box ' * 5]), 'tokens, the text tower takes 12'),
        (dict(tokenizer=None), '49408 ids, the text tower 12'),
        (dict(arch=tiny_arch(quick_gelu=True, layers=4)), 'does not fit'),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else '',
)
def test_wrong_settings(build, wrong, match):
    with pytest.raises(ValueError, match=match):
        build(**wrong)


def test_failed_vocabulary_leaves_the_old_one(build, frames):
    head = build()
    expected = head(frames)
    with pytest.raises(ValueError, match='unknown words'):
        head.set_vocabulary(['open', 'jump'])
    assert head.classnames == NAMES
    assert torch.equal(head(frames), expected)


def test_no_vocabulary(build, frames):
    head = build(classnames=None)
    assert head.classnames == ()
    with pytest.raises(ValueError, match='no class names.*VocabularyHook'):
        head(frames)


def test_each_clip_may_have_a_text_of_its_own(build, frames):
    head = build()
    text = torch.stack([head.text_features, head.text_features.flip(1)])
    one_by_one = [
        head(frames[i : i + 1], text=text[i]) for i in range(len(frames))
    ]
    together = head((frames, 'more of the video'), text=text)
    assert largest_difference(together, torch.cat(one_by_one)) < 1e-5
