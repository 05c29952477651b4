import logging
from types import SimpleNamespace

import pytest
from mmaction.structures import ActionDataSample

from helpers.processes import run_processes
from mmovar.engine.hooks import unreadable_video_hook
from mmovar.engine.hooks.unreadable_video_hook import UnreadableVideoHook


def make_runner(total=40):
    loader = SimpleNamespace(dataset=range(total))
    loops = {
        f'{mode}_loop': SimpleNamespace(dataloader=loader)
        for mode in ('train', 'val', 'test')
    }
    return SimpleNamespace(logger=logging.getLogger('test'), **loops)


def batch(*paths):
    samples = [ActionDataSample(metainfo=dict(unreadable=p)) for p in paths]
    return dict(inputs=[None] * len(samples), data_samples=samples)


def test_each_file_is_logged_once_by_name(caplog):
    hook, runner = UnreadableVideoHook(), make_runner()
    hook.before_train_epoch(runner)
    for _ in range(2):
        hook.after_train_iter(runner, 0, batch('a.mp4', None, 'a.mp4'))
        hook.after_train_iter(runner, 1, batch(None, 'b.mp4'))
        hook.after_train_epoch(runner)
    assert [record.args or record.msg for record in caplog.records] == [
        'unreadable video (train): a.mp4',
        'unreadable video (train): b.mp4',
    ]


def test_the_reason_is_told_and_names_the_file_once(caplog):
    data = batch('a.mp4', 'b.mp4')
    for sample, reason in zip(
        data['data_samples'], ('no such file', 'b.mp4: crashed'), strict=True
    ):
        sample.set_metainfo(dict(unreadable_reason=reason))
    UnreadableVideoHook().after_train_iter(make_runner(), 0, data)
    assert [record.msg for record in caplog.records] == [
        'unreadable video (train): a.mp4: no such file',
        'unreadable video (train): b.mp4: crashed',
    ]


def test_more_than_the_share_stops_with_the_list():
    hook, runner = UnreadableVideoHook(max_share=0.05), make_runner(40)
    hook.after_train_iter(runner, 0, batch('b.mp4'))
    hook.after_train_iter(runner, 1, batch('a.mp4'))
    with pytest.raises(RuntimeError, match='3 of 40 .*train') as error:
        hook.after_train_iter(runner, 2, batch('c.mp4'))
    assert str(error.value).endswith('a.mp4\nb.mp4\nc.mp4')


@pytest.mark.parametrize('mode', ['val', 'test'])
def test_validation_and_test_data_is_counted_anew_in_each_pass(mode):
    hook, runner = UnreadableVideoHook(max_share=0.05), make_runner(20)
    for path in ('a.mp4', 'b.mp4'):  # two sets of one bad file each
        getattr(hook, f'before_{mode}_epoch')(runner)
        getattr(hook, f'after_{mode}_iter')(runner, 0, batch(path), [])
        getattr(hook, f'after_{mode}_epoch')(runner, {})
    getattr(hook, f'before_{mode}_epoch')(runner)
    getattr(hook, f'after_{mode}_iter')(runner, 0, batch('a.mp4'), [])
    with pytest.raises(RuntimeError, match=f'2 of 20 .*{mode}'):  # one pass
        getattr(hook, f'after_{mode}_iter')(runner, 1, batch('b.mp4'), [])


def test_share_zero_stops_at_the_first_and_one_never():
    with pytest.raises(RuntimeError, match='1 of 40'):
        UnreadableVideoHook(max_share=0).after_train_iter(
            make_runner(), 0, batch('a.mp4')
        )
    UnreadableVideoHook(max_share=1).after_train_iter(
        make_runner(1), 0, batch('a.mp4')
    )


def test_files_of_other_processes_are_joined_at_the_end_of_the_epoch(
    monkeypatch, caplog
):
    hook, runner = UnreadableVideoHook(max_share=0.05), make_runner(40)
    hook.after_train_iter(runner, 0, batch('a.mp4'))
    monkeypatch.setattr(
        unreadable_video_hook,
        'all_gather_object',
        lambda found: [found, {'b.mp4': 'b.mp4: cut'}, {'c.mp4': 'c.mp4'}],
    )
    with pytest.raises(RuntimeError, match='3 of 40'):
        hook.after_train_epoch(runner)
    assert 'unreadable video (train): c.mp4' in caplog.text


def count_in_a_process(rank):
    hook, runner = UnreadableVideoHook(max_share=0.05), make_runner(20)
    hook.after_train_iter(runner, 0, batch(f'{rank}.mp4', None))
    try:
        hook.after_train_epoch(runner)
    except RuntimeError as error:
        return str(error)
    return 'went on'


@pytest.mark.dist
def test_processes_stop_together_at_the_end_of_the_epoch(tmp_path):
    messages = run_processes(count_in_a_process, tmp_path)
    expected = '2 of 20 videos of the train data'
    assert all(expected in message for message in messages), messages


def test_several_batches_and_samples_of_others_are_fine():
    hook, runner = UnreadableVideoHook(max_share=0), make_runner()
    hook.after_train_iter(runner, 0, dict(inputs=None))
    hook.after_train_iter(runner, 0, None)
    stock = dict(inputs=[], data_samples=[ActionDataSample()])
    hook.after_train_iter(runner, 0, stock)
    with pytest.raises(RuntimeError, match='a.mp4'):
        hook.after_train_iter(runner, 0, [stock, batch('a.mp4')])


def test_share_out_of_range_is_named():
    with pytest.raises(ValueError, match='1.5'):
        UnreadableVideoHook(max_share=1.5)


def test_each_damaged_file_is_logged_once_and_not_counted(caplog):
    hook, runner = UnreadableVideoHook(max_share=0), make_runner()
    data = batch(None, None)
    told = 'a.mp4: 3 frames are missing'
    data['data_samples'][1].set_metainfo(dict(damaged=told))
    for mode in ('train', 'test'):
        getattr(hook, f'after_{mode}_iter')(runner, 0, data)
        getattr(hook, f'after_{mode}_epoch')(runner)
    assert [record.message for record in caplog.records] == [
        f'damaged video: {told}'
    ]
