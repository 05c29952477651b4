# Table 12: half of CLIP's logits at test. Trains as ./open_vclip.py does.
_base_ = './open_vclip.py'

model = dict(type='CLIPEnsemble', ratio=0.5)
