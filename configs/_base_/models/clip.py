# CLIP ViT-B/16 frame by frame, tuned in vision only. Without a network give
# a local file: --cfg-options model.weights=/path/to/ViT-B-16.pt
model = dict(
    type='CLIPRecognizer',
    arch='ViT-B-16-quickgelu',
    weights='openai',
    backbone=dict(type='CLIPViT'),
    cls_head=dict(type='TextHead'),
)
