# TC-CLIP, base-to-novel on HMDB51; class names rephrased
# by a language model.
_base_ = './hmdb51_b2n.py'

train_dataloader = dict(dataset=dict(classnames=_base_.llm_labels.hmdb51_base))
val_dataloader = dict(dataset=dict(classnames=_base_.llm_labels.hmdb51_base))
test_dataloader = [
    dict(
        loader,
        dataset=dict(
            loader.dataset,
            classnames=_base_.llm_labels[loader.dataset.classnames],
        ),
    )
    for loader in _base_.test_dataloader
]
