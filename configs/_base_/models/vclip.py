# VCLIP ViT-B/16: keys and values of the neighbouring frames.
_base_ = './clip.py'

model = dict(backbone=dict(type='VCLIPViT'))
