# TC-CLIP, zero-shot; class names rephrased
# by a language model.
_base_ = './k400_zs.py'

train_dataloader = dict(dataset=dict(classnames=_base_.llm_labels.kinetics400))
val_dataloader = dict(dataset=dict(classnames=_base_.llm_labels.kinetics400))
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
