# CLIP text-FT: the text tower is tuned, vision and temperature stay.
_base_ = '../k400_zs.py'

model = dict(trainable=['text_encoder'])
