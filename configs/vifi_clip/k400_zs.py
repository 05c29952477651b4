# ViFi-CLIP, zero-shot: trained on Kinetics-400 with 32 frames, tested on three
# lists of HMDB51, UCF101 and K600.
#   tools/dist_train.sh configs/vifi_clip/k400_zs.py 8
# Names of UCF101 are spelled as in the release; names=None writes them as
# words. Unlike there, the last partial batch of a test set counts.
_base_ = [
    '../_base_/models/vifi_clip.py',
    '../_base_/datasets/vifi_clip.py',
    '../_base_/schedules/zero_shot.py',
    '../_base_/best_checkpoint.py',
]
