# VL prompting for base-to-novel: more prompts, in fewer layers.
_base_ = './vifi_vl_prompt.py'

model = dict(
    backbone=dict(n_ctx=16, depth=9),
    cls_head=dict(n_ctx=16, depth=9),
)
