# Interpolated weight regularisation.
_base_ = '../../_base_/recipes/open_vclip.py'

model = dict(backbone=dict(type='VCLIPViT'))
custom_hooks = [*_base_.custom_hooks, dict(type='IWRHook')]
