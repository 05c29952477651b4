# Frozen CLIP, evaluation only: tools/test.py configs/mini/clip.py
_base_ = '../_base_/mini.py'
