# Frozen CLIP frame by frame, for tools/test.py without a checkpoint and for
# tools/demo.py.
_base_ = [
    '../_base_/models/clip.py',
    '../_base_/datasets/k400_zs.py',
    '../_base_/schedules/adamw_10e.py',
    '../_base_/default_runtime.py',
]
