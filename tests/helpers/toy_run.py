"""A linear model on numbers, for tests of what surrounds a model."""

import numpy as np
import torch
from mmaction.registry import DATASETS, METRICS, MODELS
from mmengine.dataset import BaseDataset
from mmengine.evaluator import BaseMetric
from mmengine.model import BaseModel

CONFIG = """
default_scope = 'mmaction'
custom_imports = dict(imports=['mmovar', 'helpers.toy_run'])
data_root = None
model = dict(type='ToyModel', weight=2.0)
loader = dict(
    batch_size=2,
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(type='ToyDataset', size=5, classes=('a', 'b')),
)
train_dataloader = loader
train_cfg = dict(by_epoch=True, max_epochs=2)
optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.01))
val_dataloader = loader
val_cfg = dict()
val_evaluator = dict(type='ToyMetric')
test_cfg = dict(
    type='BenchmarkTestLoop',
    sets=dict(first=dict(), second=dict(size=3, classes=('c',))),
)
test_dataloader = loader
test_evaluator = dict(type='ToyMetric')
default_hooks = dict(logger=dict(type='LoggerHook', interval=1))
log_level = 'WARNING'
"""


@MODELS.register_module()
class ToyModel(BaseModel):
    """Multiply by one trainable number."""

    def __init__(self, weight):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.tensor(weight))

    def forward(self, value, label, mode):
        value = torch.as_tensor(value, dtype=torch.float32)
        if mode == 'loss':
            return dict(loss=(value * self.weight - 1).square().mean())
        return [dict(score=float(v * self.weight)) for v in value]


@DATASETS.register_module()
class ToyDataset(BaseDataset):
    """The numbers 0 to ``size - 1``."""

    def __init__(self, size, classes):
        self.size = size
        super().__init__(metainfo=dict(classes=classes))

    def load_data_list(self):
        return [dict(value=float(i), label=0) for i in range(self.size)]

    def prepare_data(self, idx):
        item = self.get_data_info(idx)
        return dict(value=item['value'], label=item['label'])


@METRICS.register_module()
class ToyMetric(BaseMetric):
    """Sum of the scores."""

    default_prefix = 'toy'

    def process(self, data_batch, data_samples):
        self.results += [sample['score'] for sample in data_samples]

    def compute_metrics(self, results):
        return dict(
            sum=np.float64(sum(results)),
            count=len(results),
            classes=len(self.dataset_meta['classes']),
        )
