from mmovar.visualization.trade_off import draw_trade_off


def test_curve_of_any_number_of_points_is_an_image(tmp_path):
    points = [(0.0, 60.0, 80.0), (0.5, 75.0, 82.5), (1.0, 78.0, 70.0)]
    for count in (1, 3):
        path = tmp_path / f'{count}.svg'
        draw_trade_off(points[:count], path, 'closed set', 'zero-shot')
        assert 'svg' in path.read_text()
