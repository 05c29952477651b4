# Table 6: temporal contextualization with a fixed template, few-shot; runs as
# ../fs.py, whose rows are the last ones. The tables average HMDB51, UCF101 and
# SSv2 and 2, 4, 8 and 16 shots. Rows of this config, as options:
#   Table 6  model.backbone.num_context=16 (32, 64, 128, 256)
#            model.backbone.seed_ratio=0.2 (0.4, 0.5, 0.6)
#            model.backbone.selection=key_norm (headwise_key_norm,
#              headwise_cls_attention), selection=none with seed_ratio=1
#            model.backbone.aggregation=dpc_knn (k_means, k_medoids, random,
#              temporal_tube), aggregation=none with num_context=None
#            model.backbone.joint_frames=16 (joint positions), with and without
#              model.backbone.local_global_bias=False (no learned bias)
# and of ../fs.py:
#   Table 7  model.cls_head.n_ctx=2 (8), model.backbone.tokens=cls (gap)
#   Table 0.A  model.cls_head.prompting_init=random; text and vision layer:
#            model.cls_head.layers=[6] model.backbone.token_layers=[12]
#            ([1] with [1] or [12], [6] with [6]; [12] with [12] is fs.py)
_base_ = '../fs.py'

model = dict(
    backbone=dict(tokens=None),
    cls_head=dict(type='TextHead', classname_style='split_camel_case'),
    trainable=['backbone', 'text_encoder', 'logit_scale'],
)
