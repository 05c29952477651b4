# Table 5, image-level fusion: each frame of a video has a loss of its own.
_base_ = './decision_level.py'

model = dict(frames_as_samples=True)
