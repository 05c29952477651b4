"""The loss around a model, against losses computed by hand."""

import copy

import numpy as np
import pytest
import torch
from mmengine.model import BaseDataPreprocessor, BaseModel

from mmovar.apis.loss_landscape import loss_landscape


class Bowl(BaseModel):
    """A quadratic loss around a point that the batch names."""

    def __init__(self):
        super().__init__(data_preprocessor=BaseDataPreprocessor())
        self.theta = torch.nn.Parameter(torch.tensor([3.0, 4.0, 0.0]))
        self.frozen = torch.nn.Parameter(torch.ones(2), requires_grad=False)

    def forward(self, centre, mode):
        noise = 0 * torch.rand(())
        return dict(loss=(self.theta - centre).square().sum() + noise)


SUPPORT = dict(centre=torch.tensor([3.0, 5.0, 0.0]))
QUERY = dict(centre=torch.tensor([4.0, 5.0, 0.0]))


def test_losses_are_those_at_the_places_of_the_plane():
    model = Bowl().eval()
    before = copy.deepcopy(model.state_dict())
    found = loss_landscape(model, SUPPORT, QUERY, steps=5, radius=0.2)
    # the norm of the weights is 5, so the plane reaches 1 to each side;
    # support descends along +y, and the query adds +x to it
    offsets = np.linspace(-1, 1, 5)
    for row, x in enumerate(offsets):
        for column, y in enumerate(offsets):
            place = np.array([3 + x, 4 + y, 0])
            for name, batch in (('support', SUPPORT), ('query', QUERY)):
                expected = np.square(place - batch['centre'].numpy()).sum()
                assert found.losses[name][row, column] == pytest.approx(
                    expected, abs=1e-5
                )
    assert found.arrows['support'] == (1, 0)
    assert found.arrows['query'] == pytest.approx((0.5**0.5, 0.5**0.5))
    assert found.x.tolist() == pytest.approx((20 * offsets).tolist())
    assert not model.training
    for key, value in model.state_dict().items():
        assert torch.equal(value, before[key])


def test_random_state_is_left_alone():
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    loss_landscape(Bowl(), SUPPORT, QUERY, steps=3)
    assert torch.equal(torch.rand(2), expected)


@pytest.mark.parametrize('wrong', [dict(steps=2), dict(radius=0)])
def test_wrong_options_are_named(wrong):
    with pytest.raises(ValueError, match='steps must be'):
        loss_landscape(Bowl(), SUPPORT, QUERY, **wrong)


def test_frozen_model_has_no_landscape():
    with pytest.raises(ValueError, match='tunes no weight'):
        loss_landscape(Bowl().requires_grad_(False), SUPPORT, QUERY)
