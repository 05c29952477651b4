# ViFi-CLIP, fully supervised: text alone is tuned, the temperature is not.
# Batch and learning rate are those of zero-shot.
_base_ = './k400_full.py'

model = dict(trainable=['text_encoder'])
train_cfg = dict(total_batch_size=256)
optim_wrapper = dict(optimizer=dict(lr=8e-6))
