# Open-MeDe on your own videos: a folder of class folders, or a csv with the
# columns path, label and perhaps split. Tasks of 4 + 4 videos.
#   tools/train.py configs/open_mede/own.py --cfg-options dataset=/my/videos
_base_ = './k400_zs.py'

dataset = None
train_dataloader = dict(
    batch_size=8,
    dataset=dict(source=dict(_delete_=True, path='{dataset}', split='train')),
)
val_dataloader = dict(
    dataset=dict(source=dict(_delete_=True, path='{dataset}', split='val'))
)
test_cfg = dict(
    _delete_=True,
    type='BenchmarkTestLoop',
    sets=dict(test=dict(source=dict(path='{dataset}', split='test'))),
)
