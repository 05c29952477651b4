# Table 6: temporal contextualization with a fixed template; runs as tc_vp.py.
_base_ = './tc_vp.py'

model = dict(
    backbone=dict(tokens=None),
    cls_head=dict(type='TextHead', classname_style='split_camel_case'),
    trainable=['backbone', 'text_encoder', 'logit_scale'],
)
