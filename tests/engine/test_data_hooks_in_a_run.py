"""Dataset, hooks and metric under MMEngine's own runner."""

import pytest
import torch
from mmaction.registry import MODELS
from mmengine.model import BaseModel
from mmengine.runner import Runner

import mmovar  # noqa: F401
from helpers.clips import write_text, write_video


@MODELS.register_module()
class GrayModel(BaseModel):
    """Predict class k for the k-th quarter of the grey values."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(()))
        self.classnames = None
        self.seen = []

    def set_vocabulary(self, classnames):
        self.classnames = tuple(classnames)

    def forward(self, inputs, data_samples, mode):
        if mode == 'loss':
            clips = torch.stack(inputs).float()
            self.seen.append((self.classnames, clips.std().item()))
            return dict(loss=self.weight * clips.mean())
        for clip, sample in zip(inputs, data_samples, strict=True):
            score = torch.zeros(len(self.classnames))
            score[int(clip.float().mean() // 64)] = 1
            sample.set_pred_score(score)
        return data_samples


@pytest.fixture
def root(tmp_path):
    lines = []
    for index in range(8):
        name = f'{index}.mp4'
        write_video(tmp_path / 'videos' / name, gray=32 * index + 16)
        lines.append(f'{name},{index // 2}')
    (tmp_path / 'train.csv').write_text('\n'.join(lines[1:]))
    (tmp_path / 'val.csv').write_text('\n'.join(lines))
    return tmp_path


def run(root, resume=False, max_epochs=2, max_share=0.2, workers=0):
    def loader(ann_file, classnames, *augmentation, **kwargs):
        return dict(
            batch_size=2,
            num_workers=workers,
            sampler=dict(type='DefaultSampler', shuffle=bool(augmentation)),
            dataset=dict(
                type='OpenVocabularyDataset',
                ann_file=ann_file,
                classnames=classnames,
                data_root=str(root),
                data_prefix=dict(video='videos'),
                pipeline=[
                    dict(type='VideoInit'),
                    dict(type='UniformSample', clip_len=2, test_mode=True),
                    dict(type='VideoDecode'),
                    *augmentation,
                    dict(type='FormatShape', input_format='NCTHW'),
                    dict(type='PackActionInputs'),
                ],
                **kwargs,
            ),
        )

    jitter = dict(type='ClipColorJitter')
    runner = Runner(
        model=dict(type='GrayModel'),
        work_dir=str(root / 'work'),
        train_dataloader=loader('train.csv', list('abcd'), jitter),
        train_cfg=dict(by_epoch=True, max_epochs=max_epochs),
        optim_wrapper=dict(optimizer=dict(type='SGD', lr=1e-3)),
        val_dataloader=loader('val.csv', list('efgh'), test_mode=True),
        val_cfg=dict(),
        val_evaluator=dict(type='OpenVocabularyMetric'),
        default_hooks=dict(checkpoint=dict(type='CheckpointHook')),
        custom_hooks=[
            dict(type='VocabularyHook'),
            dict(type='EpochSeedHook'),
            dict(type='UnreadableVideoHook', max_share=max_share),
        ],
        randomness=dict(seed=3),
        default_scope='mmaction',
        resume=resume,
        log_level='WARNING',
        experiment_name=f'{root.name}_{resume}_{max_epochs}',
    )
    runner.train()
    return runner


def test_resumed_training_sees_the_same_augmented_clips(root):
    whole = run(root)
    assert {names for names, _ in whole.model.seen} == {tuple('abcd')}
    run(root, max_epochs=1)
    (root / 'work' / 'epoch_2.pth').unlink()
    resumed = run(root, resume=True)
    assert resumed.model.seen == whole.model.seen[4:]


def test_broken_video_is_named_scored_as_wrong_and_stops_the_run(root):
    write_text(root / 'videos' / '0.mp4')
    runner = run(root, max_epochs=1)
    scalars = runner.message_hub.log_scalars
    assert scalars['val/acc/unreadable'].current() == 1
    assert scalars['val/acc/top1'].current() == 7 / 8
    log = next((root / 'work').rglob('*.log')).read_text()
    assert log.count('unreadable video (val)') == 1
    assert 'videos/0.mp4' in log
    with pytest.raises(RuntimeError, match='1 of 8 videos of the val data'):
        run(root, max_epochs=1, max_share=0.1)


@pytest.mark.parametrize('workers', [0, 2])
def test_decoder_that_crashes_costs_its_video_only(root, use_reader, workers):
    use_reader('helpers.fake_reader:crash')
    runner = run(root, max_epochs=1, workers=workers)
    scalars = runner.message_hub.log_scalars
    assert scalars['val/acc/unreadable'].current() == 1
    assert scalars['val/acc/top1'].current() == 7 / 8
    log = next((root / 'work').rglob('*.log')).read_text()
    crash = f'{root}/videos/3.mp4: the decoder crashed (Segmentation fault)'
    for mode in ('train', 'val'):
        assert log.count(f'unreadable video ({mode})') == 1
        assert f'unreadable video ({mode}): {crash}' in log
