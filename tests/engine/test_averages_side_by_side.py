import pytest
import torch
from test_average_hooks import closed_form, collect, gaussian
from test_cross_batch_train_loop import build_runner
from toy import weights

from mmovar.engine.saved_weights import saved_names, saved_weights

SWA = dict(type='SWAHook', begin=1)
GWA = dict(type='GWAHook', mu=3, sigma=1.5, active=False)
EARLY = dict(type='GWAHook', mu=1, sigma=1, end=2, name='early', active=False)


def load(folder, epoch=4):
    return torch.load(folder / f'epoch_{epoch}.pth', weights_only=False)


def flat(state_dict):
    return torch.cat([value.flatten() for value in state_dict.values()])


def seen_in_test(folder, hooks):
    """Return the weights that a test of the last checkpoint sees."""
    runner = build_runner(folder, hooks=hooks)
    runner.call_hook('before_run')
    runner.load_checkpoint(str(folder / 'epoch_4.pth'))
    runner.call_hook('before_test_epoch')
    return weights(runner.model)


def test_averages_equal_their_closed_forms_after_a_resume(tmp_path):
    hooks = [SWA, GWA, EARLY]
    seen = collect(build_runner(tmp_path, hooks=hooks, epochs=2))
    runner = build_runner(tmp_path, hooks=hooks, epochs=4, resume=True)
    seen += collect(runner)[1:]
    checkpoint = load(tmp_path)
    assert saved_names(checkpoint) == ['raw', 'swa', 'gwa', 'early']
    expected = dict(
        raw=seen[-1],
        swa=torch.stack(seen[1:]).mean(0),
        gwa=closed_form(seen, gaussian(3, 1.5)),
        early=closed_form(seen, gaussian(1, 1, end=2)),
    )
    for name, value in expected.items():
        torch.testing.assert_close(
            flat(saved_weights(checkpoint, name)), value, atol=1e-6, rtol=0
        )
    assert torch.equal(
        flat(checkpoint['state_dict']), seen_in_test(tmp_path, hooks)
    )
    for name in expected:
        select = dict(type='SelectAverageHook', name=name)
        assert torch.equal(
            seen_in_test(tmp_path, [*hooks, select]),
            flat(saved_weights(checkpoint, name)),
        )


def test_without_an_active_average_the_raw_weights_are_tested(tmp_path):
    hooks = [dict(SWA, active=False), GWA]
    runner = build_runner(tmp_path, hooks=hooks)
    seen = collect(runner)
    runner.call_hook('before_val_epoch')
    assert torch.equal(weights(runner.model), seen[-1])
    assert torch.equal(flat(load(tmp_path)['state_dict']), seen[-1])
    assert torch.equal(seen_in_test(tmp_path, hooks), seen[-1])


def test_stock_ema_may_be_the_active_one(tmp_path):
    ema = dict(type='EMAHook', momentum=0.1)
    seen = collect(build_runner(tmp_path, hooks=[ema, GWA], epochs=2))
    hooks = [ema, GWA]
    runner = build_runner(tmp_path, hooks=hooks, epochs=4, resume=True)
    seen += collect(runner)[1:]
    gwa = saved_weights(load(tmp_path), 'gwa')
    torch.testing.assert_close(
        flat(gwa), closed_form(seen, gaussian(3, 1.5)), atol=1e-6, rtol=0
    )
    assert torch.equal(flat(saved_weights(load(tmp_path), 'raw')), seen[-1])


def test_before_its_window_a_further_average_is_the_model(tmp_path):
    late = dict(GWA, begin=3)
    seen = collect(build_runner(tmp_path, hooks=[SWA, late]))
    early = saved_weights(load(tmp_path, epoch=2), 'gwa')
    assert torch.equal(flat(early), seen[2])


@pytest.mark.parametrize(
    ('hooks', 'message'),
    [
        ([SWA, dict(GWA, active=True)], r"averages \['swa', 'gwa'\] may be"),
        ([SWA, dict(type='EMAHook')], 'only one of the averages'),
        ([GWA, dict(GWA, mu=1)], r"`name` of its own, got \['gwa', 'gwa'\]"),
    ],
)
def test_two_of_a_name_or_two_active_are_refused(tmp_path, hooks, message):
    with pytest.raises(ValueError, match=message):
        build_runner(tmp_path, hooks=hooks).train()


@pytest.mark.parametrize('name', ['', 'raw'])
def test_names_that_mean_something_else_are_refused(tmp_path, name):
    with pytest.raises(ValueError, match=f'empty or .raw.: {name!r}'):
        build_runner(tmp_path, hooks=[dict(SWA, name=name)])


@pytest.mark.parametrize(
    'hooks', [[dict(SWA, active=False)], [dict(GWA, active=True)]]
)
def test_resume_with_another_active_average_is_refused(tmp_path, hooks):
    collect(build_runner(tmp_path, hooks=[SWA], epochs=2))
    runner = build_runner(tmp_path, hooks=hooks, epochs=4, resume=True)
    with pytest.raises(ValueError, match="'swa' is active in the checkpoint"):
        runner.train()


def test_a_further_average_may_join_on_resume(tmp_path):
    seen = collect(build_runner(tmp_path, hooks=[SWA], epochs=2))
    joined = dict(SWA, name='late', active=False)
    hooks = [SWA, joined]
    runner = build_runner(tmp_path, hooks=hooks, epochs=4, resume=True)
    seen += collect(runner)[1:]
    late = flat(saved_weights(load(tmp_path), 'late'))
    expected = torch.stack(seen[3:]).mean(0)
    torch.testing.assert_close(late, expected, atol=1e-6, rtol=0)


def test_unknown_names_are_refused_with_those_there_are(tmp_path):
    collect(build_runner(tmp_path, hooks=[SWA, GWA]))
    with pytest.raises(KeyError, match=r"'ema'.*\['raw', 'swa', 'gwa'\]"):
        saved_weights(load(tmp_path), 'ema')
