# FROSTER's residual feature distillation.
_base_ = '../vclip.py'

model = dict(auxiliary_losses=[dict(type='FeatureDistillation')])
