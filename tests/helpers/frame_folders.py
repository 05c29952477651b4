"""Small frame folders, masks and videos for tests of SCUBA and HAT."""

import cv2
import numpy as np


def write_frames(folder, frames, template='frame{:06d}.png', first=1):
    """Write RGB or grey images (T, H, W[, 3]) as numbered files."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, frame in enumerate(frames, start=first):
        image = frame[..., ::-1] if frame.ndim == 3 else frame
        cv2.imwrite(str(folder / template.format(number)), image)
    return folder


def noise(frames, height, width, seed=0):
    """Draw a video, uint8 (T, H, W, 3)."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (frames, height, width, 3), np.uint8)


def box_masks(frames, height, width, box, step=(0, 0)):
    """Draw masks (T, H, W) of a box (x1, y1, x2, y2) that moves by step."""
    masks = np.zeros((frames, height, width), np.uint8)
    x1, y1, x2, y2 = box
    for t in range(frames):
        dx, dy = step[0] * t, step[1] * t
        masks[t, y1 + dy : y2 + dy, x1 + dx : x2 + dx] = 255
    return masks


def pipeline(num_frames=4, num_clips=1, size=None):
    """Steps for video files, as configs have them."""
    resize = [dict(type='Resize', scale=size, keep_ratio=False)]
    return [
        dict(type='VideoInit'),
        dict(
            type='SegmentSample',
            num_frames=num_frames,
            num_clips=num_clips,
            test_mode=True,
        ),
        dict(type='VideoDecode'),
        *(resize if size else []),
        dict(type='FormatShape', input_format='NCTHW'),
        dict(type='PackActionInputs', meta_keys=('img_shape', 'filename')),
    ]


def frames_of(data):
    """Return what a model would see: (clips, T, H, W, 3) uint8."""
    return data['inputs'].permute(0, 2, 3, 4, 1).numpy()
