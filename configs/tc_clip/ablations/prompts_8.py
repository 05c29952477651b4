# Table 7: 8 prompt vectors.
_base_ = './tc_vp.py'

model = dict(cls_head=dict(n_ctx=8))
