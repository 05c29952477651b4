# VCLIP (keys and values of neighbouring frames), fine-tuned plainly.
_base_ = '../_base_/recipes/vclip.py'

model = dict(backbone=dict(type='VCLIPViT'))
