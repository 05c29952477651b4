# Table 6: seeds by the norm of their keys.
_base_ = './tc.py'

model = dict(backbone=dict(selection='key_norm'))
