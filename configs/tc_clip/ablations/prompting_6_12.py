# Appendix: prompts look at the video before the text layers 6 and 12.
_base_ = './tc_vp.py'

model = dict(
    backbone=dict(token_layers=[6, 12]), cls_head=dict(layers=[6, 12])
)
