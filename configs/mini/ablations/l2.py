# l2 to CLIP's weights.
_base_ = '../vclip.py'

model = dict(auxiliary_losses=[dict(type='WeightDecayToCLIP', weight=0.1)])
