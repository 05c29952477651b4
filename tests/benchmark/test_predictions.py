import pickle

import numpy as np
import pytest

from helpers.results_of import NAMES, predictions
from mmovar.benchmark import Predictions, contrasted


def test_fractions_count_unreadable_videos_as_wrong():
    found = predictions(
        [0, 1, 2, 3], [0, 1, 0, 3], unreadable=[False, True, False, False]
    )
    assert found.fractions() == {'top1': (2, 4), 'top5': (3, 4)}
    assert found.mean_recall() == pytest.approx((1 / 2 + 0 + 1) / 3)


def test_best_classes_are_those_of_a_full_sort():
    scores = np.random.default_rng(0).normal(size=(50, 7))
    found = Predictions.from_scores(
        [str(i) for i in range(50)], np.zeros(50, int), scores, NAMES
    )
    order = np.argsort(-scores, axis=1)[:, :5]
    np.testing.assert_array_equal(found.best, order)
    np.testing.assert_allclose(
        found.scores, np.take_along_axis(scores, order, 1), rtol=1e-6
    )


def test_background_error_is_the_share_named_after_the_background():
    found = predictions([0, 5, 5], [0, 1, 2], background=np.array([5, 5, 6]))
    assert found.fractions()['background_error'] == (1, 3)


def test_contrasted_accuracy_matches_videos_by_name():
    moving = predictions([0, 1, 2, 3], [0, 1, 2, 0], ['a', 'b', 'c', 'd'])
    still = predictions([0, 4, 1, 2], [0, 0, 1, 2], ['d', 'a', 'b', 'c'])
    # a: right, then wrong; b, c: right twice; d: wrong
    assert contrasted(moving, still) == (1, 4)
    with pytest.raises(ValueError, match='4 and 1'):
        contrasted(moving, predictions([0], [0], ['a']))


def test_saved_predictions_come_back(tmp_path):
    found = predictions([0, 1], [0, 2], background=np.array([3, 4]))
    found.save(tmp_path / 'deep' / 'p.npz')
    again = Predictions.load(tmp_path / 'deep' / 'p.npz')
    assert again.classnames == NAMES
    assert again.fractions() == found.fractions()
    assert list((tmp_path / 'deep').iterdir()) == [tmp_path / 'deep/p.npz']


def test_a_file_that_wants_to_run_code_is_refused(tmp_path):
    path = tmp_path / 'p.npz'
    np.savez(path, classnames=np.array([print], dtype=object))
    with pytest.raises(ValueError, match='allow_pickle'):
        Predictions.load(path)
    path.write_bytes(pickle.dumps(print))
    with pytest.raises(ValueError):
        Predictions.load(path)


def test_labels_have_to_fit_the_names():
    with pytest.raises(ValueError, match='labels 0..7 do not fit 7'):
        predictions([0], [7])
    with pytest.raises(ValueError, match='truth has shape'):
        predictions([0, 1], [0])
