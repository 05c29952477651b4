# CLIP image-FT: the vision tower is tuned, text and temperature stay.
_base_ = '../k400_zs.py'

model = dict(trainable=['backbone'])
