"""Export a recognizer with fixed class names, to run without this project."""

import contextlib
import io
import logging
import warnings
from collections.abc import Callable
from pathlib import Path

import torch
from mmaction.models.recognizers import Recognizer3D
from torch import Tensor, nn

from mmovar.models import TextHead
from mmovar.models.heads.fusion import frame_features

TOLERANCE = 1e-4
"""Largest difference of a logit that an exported model may have."""

SUFFIXES = {'.pt': 'TorchScript', '.pt2': 'torch.export', '.onnx': 'ONNX'}

_ONNX_PACKAGES = 'onnx', 'onnxscript', 'onnxruntime'


class FixedClasses(nn.Module):
    """Video tower and the text features of class names, as one function.

    Args:
        recognizer: In evaluation mode, with its class names.

    Raises:
        ValueError: If the text depends on the video (TC-CLIP, X-CLIP), or
            there is none.
    """

    text: Tensor

    def __init__(self, recognizer: Recognizer3D) -> None:
        super().__init__()
        if not recognizer.with_cls_head:
            raise ValueError('the model has no text: load it with a base')
        head = recognizer.cls_head
        self.backbone = recognizer.backbone
        self.neck = recognizer.neck if recognizer.with_neck else None
        if hasattr(head, 'text_encoder'):
            self.fuse: Callable[[Tensor], Tensor] | None = head.fuse
            self.register_buffer('text', _fixed_text(head))
        else:  # a layer of scores for a closed set
            self.fuse, self.head = None, head

    def forward(self, video: Tensor) -> Tensor:
        """Score normalised clips (B, T, 3, H, W), (B, C)."""
        x = self.backbone(video.transpose(1, 2))
        if self.neck is not None:
            x, _ = self.neck(x)
        if self.fuse is None:
            return self.head(x)
        return self.fuse(frame_features(x)) @ self.text.T


def _fixed_text(head: TextHead) -> Tensor:
    """Return text features times the temperature, (C, D)."""
    if type(head).text_for is not TextHead.text_for:
        raise ValueError(
            f'the text of {type(head).__name__} depends on the video, so '
            'there are no fixed text features to export; models with fixed '
            'text are CLIP, ViFi-CLIP, VCLIP, FROSTER, ST-Adapter and '
            'Vita-CLIP'
        )
    with torch.no_grad():
        return (head.logit_scale.exp() * head.text_features).clone()


@torch.no_grad()
def export(
    recognizer: Recognizer3D,
    path: str | Path,
    num_frames: int,
    batch_size: int = 1,
) -> float:
    """Write a model with its class names, and compare what is written.

    The input is a normalised video (B, T, 3, H, W) of fixed B and T, the
    output logits (B, C), temperature included.

    Args:
        recognizer: In evaluation mode, with class names.
        path: ``.pt`` for TorchScript, ``.pt2`` for torch.export, ``.onnx``
            for ONNX (needs ``pip install mmovar[export]``).
        num_frames: T.
        batch_size: B.

    Returns:
        The largest difference of a logit between the model and the file, run
        on noise by torch or ONNX Runtime.

    Raises:
        ImportError: If packages of ONNX are missing.
        ValueError: If the suffix is unknown, the text cannot be fixed, or
            logits differ by more than :data:`TOLERANCE`.
    """
    path = Path(path)
    if path.suffix not in SUFFIXES:
        raise ValueError(
            f'{path} ends in {path.suffix!r}, which is none of '
            + ', '.join(f'{s} ({kind})' for s, kind in SUFFIXES.items())
        )
    module = FixedClasses(recognizer).eval()
    parameter = next(module.backbone.parameters())
    size = module.backbone.image_size
    video = torch.randn(batch_size, num_frames, 3, size, size).to(parameter)
    expected = module(video)
    path.parent.mkdir(parents=True, exist_ok=True)
    run = _WRITERS[path.suffix](module, video, path)
    difference = (run(video) - expected).abs().max().item()
    if not difference <= TOLERANCE:
        raise ValueError(
            f'logits of {path} differ from the model by {difference:.2g}, '
            f'more than {TOLERANCE:g}'
        )
    return difference


def _torchscript(module: nn.Module, video: Tensor, path: Path):
    # the graph of torch.export has no functions of Python left, which the
    # tracer does not know (those of VCLIP's attention)
    graph = torch.export.export(module, (video,)).module()
    with warnings.catch_warnings():
        # sizes become constants, which is what a fixed shape means
        warnings.simplefilter('ignore', torch.jit.TracerWarning)
        torch.jit.trace(graph, video, check_trace=False).save(str(path))
    return torch.jit.load(str(path), map_location=video.device)


def _torch_export(module: nn.Module, video: Tensor, path: Path):
    torch.export.save(torch.export.export(module, (video,)), path)
    return torch.export.load(path).module()


def _onnx(module: nn.Module, video: Tensor, path: Path):
    missing = [name for name in _ONNX_PACKAGES if not _is_installed(name)]
    if missing:
        raise ImportError(f'ONNX needs {missing}: pip install mmovar[export]')
    import onnxruntime

    logging.getLogger('torch.onnx').setLevel(logging.ERROR)
    with contextlib.redirect_stdout(io.StringIO()):  # it prints its steps
        torch.onnx.export(
            module,
            (video,),
            str(path),
            input_names=['video'],
            output_names=['logits'],
            dynamo=True,
            external_data=False,
        )
    session = onnxruntime.InferenceSession(
        str(path), providers=['CPUExecutionProvider']
    )

    def run(video: Tensor) -> Tensor:
        feed = {'video': video.cpu().numpy()}
        return torch.from_numpy(session.run(None, feed)[0]).to(video.device)

    return run


def _is_installed(name: str) -> bool:
    from importlib.util import find_spec

    return find_spec(name) is not None


_WRITERS = {'.pt': _torchscript, '.pt2': _torch_export, '.onnx': _onnx}
