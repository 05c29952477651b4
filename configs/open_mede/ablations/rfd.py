# Table 5b: FROSTER's residual feature distillation.
_base_ = './plain.py'

model = dict(auxiliary_losses=[dict(type='FeatureDistillation')])
