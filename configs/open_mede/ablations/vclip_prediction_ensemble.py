# Table 12: half of CLIP's logits at test. Trains as ./plain.py does.
_base_ = './plain.py'

model = dict(type='CLIPEnsemble', ratio=0.5)
