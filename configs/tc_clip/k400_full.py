# TC-CLIP, fully supervised on Kinetics-400.
_base_ = [
    '../_base_/models/tc_clip.py',
    '../_base_/datasets/k400_full.py',
    '../_base_/schedules/fully_supervised.py',
    '../_base_/best_checkpoint.py',
]
