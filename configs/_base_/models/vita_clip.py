# Vita-CLIP ViT-B/16: prompts in frozen CLIP and the temperature. Text is the
# bare class name, as in the authors' zero-shot tests. backbone.cls_proj=
# 'trained' tunes the projection that their code leaves random.
_base_ = './clip.py'

model = dict(
    backbone=dict(type='VitaCLIPViT', num_frames=8, cls_proj='frozen'),
    cls_head=dict(templates='bare', fusion='mean_embedding'),
    trainable=['prompts.', 'time_embed', 'logit_scale'],
)
