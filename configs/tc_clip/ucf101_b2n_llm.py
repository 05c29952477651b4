# TC-CLIP, base-to-novel on UCF101; class names rephrased
# by a language model.
_base_ = './ucf101_b2n.py'

train_dataloader = dict(dataset=dict(classnames=_base_.llm_labels.ucf101_base))
val_dataloader = dict(dataset=dict(classnames=_base_.llm_labels.ucf101_base))
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
