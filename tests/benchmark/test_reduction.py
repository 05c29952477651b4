import math

import pytest

from mmovar.benchmark import Contrast, Harmonic, Mean, Value
from mmovar.benchmark.reduction import cells_of, mean_of_cells

NUMBERS = {('a', 'top1'): 80.0, ('b', 'top1'): 60.0, ('c', 'top1'): 70.0}


def lookup(cell, metric):
    return NUMBERS.get((cell, metric))


def test_mean_has_the_deviation_of_the_named_degrees_of_freedom():
    population = mean_of_cells(['a', 'b', 'c'], '3 splits', ddof=0)(lookup)
    sample = mean_of_cells(['a', 'b', 'c'], '3 splits', ddof=1)(lookup)
    assert population.value == sample.value == 70
    assert population.std == pytest.approx(math.sqrt(200 / 3))
    assert sample.std == pytest.approx(10)
    assert (population.ddof, sample.ddof, sample.count) == (0, 1, 3)


def test_mean_lacks_its_value_as_soon_as_a_cell_is_missing():
    number = mean_of_cells(['a', 'x', 'y'], '3 splits', ddof=0)(lookup)
    assert number.value is None and number.std is None
    assert number.missing == ('x', 'y')


def test_one_value_has_no_sample_deviation():
    assert mean_of_cells(['a'], '1 split', ddof=1)(lookup).std is None
    assert mean_of_cells(['a'], '1 split', ddof=0)(lookup).std == 0


def test_harmonic_mean_of_means_is_not_the_mean_of_harmonic_means():
    base = mean_of_cells(['a', 'b'], '2 seeds')
    novel = mean_of_cells(['c', 'c'], '2 seeds')
    number = Harmonic((base, novel), 'means')(lookup)
    assert number.value == pytest.approx(2 * 70 * 70 / 140)
    each = [2 * 80 * 70 / 150, 2 * 60 * 70 / 130]
    assert number.value != pytest.approx(sum(each) / 2)


def test_three_way_harmonic_mean():
    parts = tuple(Value(cell) for cell in 'abc')
    expected = 3 / (1 / 80 + 1 / 60 + 1 / 70)
    assert Harmonic(parts, 'all')(lookup).value == pytest.approx(expected)


def test_harmonic_mean_with_a_zero_is_zero():
    parts = (Value('a'), Value('b'))
    assert Harmonic(parts, 'both')(lambda cell, metric: 0.0).value == 0


def test_contrast_names_both_lists():
    contrast = Contrast('a', 'x')
    assert cells_of(contrast) == ('a', 'x')
    assert contrast(lookup).missing == ('x',)


def test_a_mean_lacks_a_contrast_without_predictions():
    number = Mean((Value('a'), Contrast('b', 'c')), '2 lists')(lookup)
    assert number.value is None
    assert number.missing == ('b', 'c')


def test_no_parts_is_an_error():
    with pytest.raises(ValueError, match='at least one part'):
        Mean((), 'nothing')
