# Table 6 and 7, last rows: TC-CLIP, few-shot.
#   --cfg-options dataset=ucf101 shots=4
# The tables average HMDB51, UCF101 and SSv2 and 2, 4, 8 and 16 shots.
_base_ = [
    '../../_base_/models/tc_clip.py',
    '../../_base_/datasets/tc_clip_fs.py',
    '../../_base_/schedules/few_shot.py',
    '../../_base_/best_checkpoint.py',
]
