# Open-VCLIP ViT-B/32.
_base_ = './k400_zs.py'

model = dict(arch='ViT-B-32-quickgelu')
