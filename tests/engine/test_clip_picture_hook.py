"""What --show-dir draws."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from mmaction.structures import ActionDataSample

from mmovar.engine.hooks import ClipPictureHook
from mmovar.visualization import clip_figure


def sample(score, name):
    found = ActionDataSample(metainfo=dict(filename=f'/data/{name}'))
    found.set_gt_label(1)
    return found.set_pred_score(torch.tensor(score))


def runner(average_clips):
    dataset = SimpleNamespace(metainfo=dict(classes=('a', 'b', 'c')))
    return SimpleNamespace(
        model=SimpleNamespace(
            cls_head=SimpleNamespace(average_clips=average_clips)
        ),
        test_loop=SimpleNamespace(
            name='ucf101/ep3/1', dataloader=SimpleNamespace(dataset=dataset)
        ),
    )


@pytest.mark.parametrize(
    ('average_clips', 'score'),
    [
        ('prob', [0.1, 0.2, 0.7]),
        ('score', [-1.0, -0.30685, 0.94591]),  # logarithms, all but a shift
        (None, [[-1.0, -0.30685, 0.94591]] * 2),
    ],
)
def test_pictures_tell_truth_and_best_labels(
    tmp_path, monkeypatch, average_clips, score
):
    drawn = []
    monkeypatch.setattr(
        clip_figure,
        'draw_clip',
        lambda panels, path: drawn.append((*panels, path)),
    )
    hook = ClipPictureHook(True, tmp_path, interval=2, topk=2)
    views = torch.arange(3.0).view(3, 1, 1, 1, 1).expand(3, 3, 8, 4, 6)
    batch = dict(inputs=[views] * 3)
    outputs = [sample(score, f'x/{i}.mp4') for i in range(3)]
    hook.before_test_epoch(None)
    hook.after_test_iter(runner(average_clips), 0, batch, outputs)
    hook.after_test_iter(runner(average_clips), 1, dict(features=[]), [])
    (panel, path), (_, second) = drawn
    assert path == Path(tmp_path, 'ucf101/ep3/1/x_0.mp4.png')
    assert second.name == 'x_2.mp4.png'
    assert panel.title == 'truth:\nb'
    assert panel.labels == ['c', 'b']
    assert panel.probabilities == pytest.approx([0.7, 0.2], abs=1e-4)
    assert panel.frames.shape == (8, 4, 6, 3)
    assert (panel.frames == 1).all()


@pytest.mark.parametrize(
    'options',
    [dict(), dict(out_dir='x', show=True), dict(out_dir='x', interval=0)],
)
def test_what_cannot_be_drawn_is_refused(options):
    with pytest.raises(ValueError, match='--show-dir'):
        ClipPictureHook(enable=True, **options)
