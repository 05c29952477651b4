# ViFi-CLIP, fully supervised on Kinetics-400, 16 frames.
_base_ = [
    '../_base_/models/vifi_clip.py',
    '../_base_/datasets/k400_full.py',
    '../_base_/schedules/fully_supervised.py',
    '../_base_/best_checkpoint.py',
]
