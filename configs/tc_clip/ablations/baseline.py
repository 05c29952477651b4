# Tables 5 to 7, baseline: ViFi-CLIP's learner with 16 frames.
_base_ = './tc.py'

model = dict(backbone=dict(_delete_=True, type='CLIPViT'))
