# As ssv2_fs.py, from TC-CLIP on Kinetics-400. Other weights are
# --cfg-options load_from=/path/to/them.pth
_base_ = './ssv2_fs.py'

load_from = 'work_dirs/tc_clip/k400_zs/epoch_10.pth'
