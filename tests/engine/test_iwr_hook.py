import copy

import pytest
import torch
from mmengine.hooks import Hook
from mmengine.model import BaseDataPreprocessor

import mmovar  # noqa: F401
from helpers.toy import (
    ClipToy,
    Toy,
    flat_gradient,
    interpolated,
    loss_of,
    weights,
)
from helpers.toy_training import build_runner, plain_runner
from mmovar.engine.hooks import IWRHook


class Spy(Hook):
    """Note what is in ``.grad`` and in the weights before the loop's pass."""

    priority = 'VERY_LOW'

    def __init__(self):
        self.grads, self.weights, self.alphas = [], [], []

    def before_train_iter(self, runner, **kwargs):
        self.grads.append([p.grad for p in runner.model.net.parameters()])
        self.grads[-1] = torch.cat([g.flatten() for g in self.grads[-1]])
        self.weights.append(weights(runner.model))

    def after_train_iter(self, runner, **kwargs):
        scalars = runner.message_hub.log_scalars
        self.alphas.append(scalars['train/iwr_alpha'].current())


def reference_run(hook, batches, accumulate=1, clip=1.0, lr=0.05):
    """Train in plain torch, by copies of the model."""
    model = ClipToy()
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    total = 0
    for step, data in enumerate(batches):
        far = interpolated(model, hook.draw_alpha(step))
        total = total + (
            flat_gradient(model, data)
            + flat_gradient(far, data, hook.loss_weight)
        ) / min(accumulate, len(batches) - step // accumulate * accumulate)
        if (step + 1) % accumulate and step + 1 < len(batches):
            continue
        sizes = [p.numel() for p in model.net.parameters()]
        for p, g in zip(
            model.net.parameters(), total.split(sizes), strict=True
        ):
            p.grad = g.view_as(p)
        torch.nn.utils.clip_grad_norm_(model.net.parameters(), clip)
        optimizer.step()
        total = 0
    return weights(model)


@pytest.fixture
def batches():
    """Batches of a run, filled by its ``Batches`` hook."""
    return []


@pytest.fixture
def record(batches):
    class Batches(Hook):
        def before_train_iter(self, runner, batch_idx, data_batch):
            batches.append(data_batch)

    return Batches()


def test_gradient_of_the_interpolated_weights_is_left_and_weights_are_back(
    tmp_path, batches, record
):
    hook, spy = IWRHook(), Spy()
    model = ClipToy()
    start = copy.deepcopy(model)
    plain_runner(tmp_path, [hook, record, spy], model).train()
    far = interpolated(start, hook.draw_alpha(0))
    expected = flat_gradient(far, batches[0], 0.5)
    torch.testing.assert_close(spy.grads[0], expected, atol=1e-6, rtol=1e-5)
    assert torch.equal(spy.weights[0], weights(start))
    assert spy.alphas == [hook.draw_alpha(i) for i in range(3)]


@pytest.mark.parametrize('accumulate', [1, 2])
def test_training_equals_plain_torch(tmp_path, batches, record, accumulate):
    hook = IWRHook(max_alpha=0.9, loss_weight=0.7)
    runner = plain_runner(
        tmp_path,
        [hook, record],
        param_scheduler=None,
        optim_wrapper=dict(
            optimizer=dict(type='AdamW', lr=0.05),
            clip_grad=dict(max_norm=1.0),
            accumulative_counts=accumulate,
        ),
    )
    runner.train()
    assert runner.optim_wrapper._inner_count == 3
    expected = reference_run(hook, batches, accumulate)
    torch.testing.assert_close(
        weights(runner.model), expected, atol=1e-5, rtol=0
    )


def test_alpha_and_loss_are_logged_and_the_loss_is_not_added(
    tmp_path, batches, record
):
    hook = IWRHook()
    model = ClipToy()
    start = copy.deepcopy(model)
    runner = plain_runner(tmp_path, [hook, record], model, size=8)
    runner.train()
    scalars = runner.message_hub.log_scalars
    far = interpolated(start, hook.draw_alpha(0))
    for key, where in (('loss', start), ('iwr_loss', far)):
        assert scalars[f'train/{key}'].current() == pytest.approx(
            loss_of(where, batches[0]).item(), abs=1e-5
        )


class RandomPreprocessor(BaseDataPreprocessor):
    """Blends at random, and counts."""

    calls = 0

    def forward(self, data, training=False):
        self.calls += 1
        return dict(data, inputs=data['inputs'] + torch.randn(()))


def test_both_passes_see_one_random_blending(tmp_path):
    class Note(ClipToy):
        seen = []

        def forward(self, inputs, targets=None, mode='tensor'):
            self.seen.append(inputs)
            return super().forward(inputs, targets, mode)

    model = Note()
    model.data_preprocessor = RandomPreprocessor()
    plain_runner(tmp_path, [IWRHook()], model).train()
    assert model.data_preprocessor.calls == 3
    assert len(Note.seen) == 6
    for first, second in zip(Note.seen[::2], Note.seen[1::2], strict=True):
        assert first is second
    assert not torch.equal(Note.seen[1], Note.seen[3])
    assert 'forward' not in vars(model.data_preprocessor)


def test_an_exception_in_the_extra_pass_restores_all(tmp_path):
    class Broken(ClipToy):
        def forward(self, inputs, targets=None, mode='tensor'):
            super().forward(inputs, targets, mode)
            raise ArithmeticError('broken')

    model = Broken()
    start = weights(model)
    runner = plain_runner(tmp_path, [IWRHook()], model)
    with pytest.raises(ArithmeticError):
        runner.train()
    assert torch.equal(weights(model), start)
    assert runner.optim_wrapper._inner_count == 0
    assert 'forward' not in vars(model.data_preprocessor)


def test_resumed_run_draws_the_same_alphas_and_ends_alike(tmp_path):
    folders = [tmp_path / name for name in ('whole', 'cut')]
    for folder in folders:
        folder.mkdir()
    whole, cut, resumed = Spy(), Spy(), Spy()
    kwargs = dict(param_scheduler=None)
    last = plain_runner(folders[0], [IWRHook(), whole], epochs=4, **kwargs)
    last.train()
    plain_runner(folders[1], [IWRHook(), cut], epochs=2, **kwargs).train()
    kwargs['resume'] = True
    runner = plain_runner(folders[1], [IWRHook(), resumed], epochs=4, **kwargs)
    runner.train()
    assert cut.alphas + resumed.alphas == whole.alphas
    assert len(set(whole.alphas)) == 12
    assert torch.equal(weights(runner.model), weights(last.model))
    saved = torch.load(folders[0] / 'epoch_4.pth', weights_only=False)
    assert set(saved['state_dict']) == set(ClipToy().state_dict())


def test_frozen_weights_stay_and_those_unlike_clip_are_reported(tmp_path):
    model = ClipToy()
    model.net[0].requires_grad_(False)
    reports = []
    runner = plain_runner(tmp_path, [IWRHook()], model)
    runner.logger.warning = reports.append
    runner.train()
    assert any("['net.0.weight', 'net.0.bias']" in text for text in reports)


def test_each_rank_draws_its_own_alpha(monkeypatch):
    hook, alphas = IWRHook(), []
    hook.seed = 1
    for rank in (0, 1):
        monkeypatch.setattr(
            'mmovar.engine.hooks.iwr_hook.get_rank', lambda r=rank: r
        )
        alphas.append([hook.draw_alpha(i) for i in range(500)])
    assert alphas[0] != alphas[1]
    draws = torch.tensor(alphas[0])
    assert draws.min() >= 0 and 0.55 < draws.max() <= 0.6
    assert draws.mean() == pytest.approx(0.3, abs=0.03)


@pytest.mark.parametrize(
    ('kwargs', 'message'),
    [
        (dict(max_alpha=1.5), r'max_alpha must be in 0\.\.1, got 1\.5'),
        (dict(loss_weight=-1), r'loss_weight must be in \[0, inf\), got -1'),
    ],
)
def test_arguments_out_of_range_are_refused(kwargs, message):
    with pytest.raises(ValueError, match=message):
        IWRHook(**kwargs)


class NoWeights(ClipToy):
    def clip_state_dict(self):
        raise ValueError('no CLIP reference')


class OtherShape(ClipToy):
    def clip_state_dict(self):
        return {'net.0.weight': torch.zeros(1)}


class Frozen(ClipToy):
    def __init__(self):
        super().__init__()
        self.net.requires_grad_(False)


class Adapted(Frozen):
    """A frozen net of which an addition alone is tuned."""

    def forward(self, inputs, targets=None, mode='tensor'):
        return super().forward(inputs + self.added.sum(), targets, mode)


class Begin(Hook):
    """Start the addition elsewhere than at zero."""

    priority = 'VERY_HIGH'

    def before_train(self, runner):
        if runner.iter == 0:
            runner.model.added.data.copy_(torch.tensor([0.5, -0.2]))


def test_if_nothing_of_clip_trains_the_line_begins_at_the_start(
    tmp_path,
):
    model, hook, seen = Adapted(), IWRHook(), []

    class Watch(Spy):
        def before_train_iter(self, runner, batch_idx, data_batch):
            far = copy.deepcopy(model)
            start = torch.tensor([0.5, -0.2])
            far.added.data.lerp_(start, hook.draw_alpha(runner.iter))
            expected = torch.autograd.grad(
                hook.loss_weight * loss_of(far, data_batch), far.added
            )
            seen.append((model.added.grad.clone(), *expected))

    plain_runner(tmp_path, [Begin(), hook, Watch()], model, epochs=2).train()
    assert len(seen) == 6
    for grad, expected in seen:
        torch.testing.assert_close(grad, expected)
    assert torch.equal(model.net[0].weight, Toy().net[0].weight)


def test_where_training_began_is_resumed(tmp_path):
    folders = [tmp_path / name for name in ('whole', 'cut')]
    for folder in folders:
        folder.mkdir()
    kwargs = dict(param_scheduler=None)
    hooks = [Begin(), IWRHook()]
    whole = plain_runner(folders[0], hooks, Adapted(), epochs=4, **kwargs)
    whole.train()
    hooks = [Begin(), IWRHook()]
    plain_runner(folders[1], hooks, Adapted(), epochs=2, **kwargs).train()
    hooks = [Begin(), IWRHook()]
    resumed = plain_runner(
        folders[1], hooks, Adapted(), epochs=4, resume=True, **kwargs
    )
    resumed.train()
    assert torch.equal(resumed.model.added, whole.model.added)


@pytest.mark.parametrize(
    ('model', 'message'),
    [
        (Toy, r'needs a model with clip_state_dict\(\).*got Toy'),
        (NoWeights, 'no CLIP reference'),
        (OtherShape, r"'net.0.weight' of shape \(1,\) .* own is \(4, 3\)"),
    ],
)
def test_models_without_clip_weights_are_refused(tmp_path, model, message):
    runner = plain_runner(tmp_path, [IWRHook()], model())
    with pytest.raises(ValueError, match=message):
        runner.train()


def test_meta_steps_and_static_graphs_are_refused(tmp_path):
    runner = build_runner(tmp_path, hooks=[IWRHook()], model=ClipToy())
    with pytest.raises(ValueError, match='got CrossBatchMetaOptimWrapper'):
        runner.train()
    runner = plain_runner(tmp_path, [])
    runner.optim_wrapper = runner.build_optim_wrapper(runner.optim_wrapper)
    runner.model.static_graph = True
    with pytest.raises(ValueError, match='static_graph=False'):
        IWRHook().before_train(runner)
