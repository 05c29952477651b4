_base_ = '../mini_temporal.py'
