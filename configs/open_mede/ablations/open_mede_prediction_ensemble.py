# Table 12: half of CLIP's logits at test. Trains as ../k400_zs.py does.
_base_ = '../k400_zs.py'

model = dict(type='CLIPEnsemble', ratio=0.5)
