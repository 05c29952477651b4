import cv2
import numpy as np
import pytest

from helpers.frame_folders import noise
from mmovar.datasets.out_of_context.backgrounds import open_backgrounds
from mmovar.datasets.out_of_context.stripes import draw_stripes


def plain_stripes(rng):
    """Draw copies of the wave one after another, turn with Pillow."""
    from PIL import Image

    colour = rng.random(3)
    a = 10 + 100 * rng.random()
    w = 2 * np.pi / (1000 * rng.random() + 4)
    t = (200 * rng.random() - 100) * w
    half = 5 + 15 * rng.random()
    pitch = (3 + 2 * rng.random()) * half
    canvas = np.empty((384, 384, 3))
    canvas[:] = colour
    y = np.arange(384)
    for x in range(384):
        middle = a * np.sin(w * x + t) + 128
        for k in range(-60, 60):
            canvas[abs(y - middle - k * pitch) <= half, x] = 1 - colour
    image = Image.fromarray((255 * canvas).astype(np.uint8))
    image = image.rotate(360 * rng.random(), Image.NEAREST, expand=True)
    left, top = (image.width - 256) // 2, (image.height - 256) // 2
    return np.asarray(image.crop((left, top, left + 256, top + 256)))


@pytest.mark.parametrize('seed', range(4))
def test_stripes_are_those_of_the_formula(seed):
    image = draw_stripes(np.random.default_rng(seed))
    assert image.shape == (256, 256, 3) and image.dtype == np.uint8
    colours = np.unique(image.reshape(-1, 3), axis=0).astype(int)
    assert len(colours) == 2  # and nothing of the canvas's border
    assert (np.abs(colours.sum(0) - 255) <= 1).all()
    plain = plain_stripes(np.random.default_rng(seed))
    assert (image == plain).all(-1).mean() > 0.97  # edges are rounded


def test_stripes_depend_on_the_numbers_alone():
    draw = open_backgrounds('stripe')
    one, same, other = (draw(np.random.default_rng(s)) for s in (5, 5, 6))
    assert np.array_equal(one, same) and not np.array_equal(one, other)


def test_images_of_a_folder_are_drawn_and_grey_ones_are_not(tmp_path):
    images = noise(3, 8, 8)
    (tmp_path / 'below').mkdir()
    for i, image in enumerate(images[:2]):
        cv2.imwrite(str(tmp_path / 'below' / f'{i}.png'), image[..., ::-1])
    cv2.imwrite(str(tmp_path / 'grey.png'), images[2, ..., 0])
    (tmp_path / 'notes.txt').write_text('x')
    draw = open_backgrounds(tmp_path)
    seen = {draw(np.random.default_rng(seed)).tobytes() for seed in range(30)}
    assert seen == {image.tobytes() for image in images[:2]}


def test_bad_sources_are_one_clear_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="'stripe' or a folder.*noth"):
        open_backgrounds(tmp_path / 'nothing')
    with pytest.raises(FileNotFoundError, match='no .jpg or .png'):
        open_backgrounds(tmp_path)
    cv2.imwrite(str(tmp_path / 'grey.png'), noise(1, 4, 4)[0, ..., 0])
    with pytest.raises(RuntimeError, match='grey images only'):
        open_backgrounds(tmp_path)(np.random.default_rng(0))
