# Table 5, l2-reg: plain fine-tuning, held to CLIP's weights.
_base_ = '../k400_plain.py'

model = dict(auxiliary_losses=[dict(type='WeightDecayToCLIP', weight=0.5)])
