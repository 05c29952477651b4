# TC-CLIP, few-shot on UCF101; class names rephrased
# by a language model.
_base_ = './ucf101_fs.py'

train_dataloader = dict(dataset=dict(classnames=_base_.llm_labels.ucf101))
val_dataloader = dict(dataset=dict(classnames=_base_.llm_labels.ucf101))
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
