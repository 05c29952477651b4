# TC-CLIP, zero-shot: trained on Kinetics-400, tested on three lists of HMDB51,
# UCF101 and K600. Tested weights are 0.7 of the tuned and 0.3 of CLIP's; what
# CLIP lacks stays tuned.
#   tools/dist_train.sh configs/tc_clip/k400_zs.py 4
_base_ = [
    '../_base_/models/tc_clip.py',
    '../_base_/datasets/tc_clip.py',
    '../_base_/schedules/zero_shot.py',
    '../_base_/best_checkpoint.py',
]

custom_hooks = [
    *_base_.custom_hooks,
    dict(type='WeightPatchHook', wise_ft=0.7),
]
