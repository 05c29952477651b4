# Frame-wise fine-tuning in the manner of ViFi-CLIP (the text tower stays).
_base_ = '../_base_/recipes/vifi_clip.py'

model = dict(cls_head=dict(fusion='mean_embedding'))
