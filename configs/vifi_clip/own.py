# ViFi-CLIP, few-shot, on your own videos: a folder of class folders, or a csv
# with the columns path, label and perhaps split.
#   tools/train.py configs/vifi_clip/own.py --cfg-options dataset=/my/videos
_base_ = [
    '../_base_/models/vifi_clip.py',
    '../_base_/datasets/vifi_clip.py',
    '../_base_/schedules/few_shot.py',
    '../_base_/best_checkpoint.py',
]

dataset = None
train_dataloader = dict(
    dataset=dict(source=dict(_delete_=True, path='{dataset}', split='train'))
)
val_dataloader = dict(
    dataset=dict(source=dict(_delete_=True, path='{dataset}', split='val'))
)
test_cfg = dict(
    sets=dict(
        _delete_=True, test=dict(source=dict(path='{dataset}', split='test'))
    )
)
train_cfg = dict(total_batch_size=16)
