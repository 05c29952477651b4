"""Pictures of test videos: input frames and predictions."""

from pathlib import Path
from typing import Any

from mmaction.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.runner import Runner

from mmovar.evaluation.video_names import video_path

from ..unwrap_model import unwrap_model


@HOOKS.register_module()
class ClipPictureHook(Hook):
    """Draw the middle view of test videos with the best labels.

    What ``--show-dir`` of ``tools/test.py`` and of MMAction2's ``test.py``
    switches on, in place of MMAction2's ``VisualizationHook``, which takes
    no views (V, 3, T, H, W). The files are ``{out_dir}/{set}/{video}.png``.
    A video that several test sets share is drawn in the first of them.

    Args:
        enable: Whether to draw.
        out_dir: Where; needed to draw.
        interval: Videos (of a process) from one that is drawn to the next.
        show: Of MMAction2's ``test.py``; there are no windows here.
        wait_time: Belongs to ``show``.
        topk: Labels to draw.

    Raises:
        ValueError: If ``show`` is set, ``out_dir`` is missing or ``interval``
            is below 1.
    """

    def __init__(
        self,
        enable: bool = False,
        out_dir: str | Path | None = None,
        interval: int = 1,
        show: bool = False,
        wait_time: float = 0,
        topk: int = 5,
    ) -> None:
        if enable and (show or not out_dir or interval < 1):
            raise ValueError(
                'pictures go to files only, give --show-dir and an interval '
                f'>= 1: show={show}, out_dir={out_dir}, interval={interval}'
            )
        self.enable, self.interval, self.topk = enable, interval, topk
        self.out_dir = Path(out_dir or '.')
        self._seen = 0

    def before_test_epoch(self, runner: Runner) -> None:
        """Count the videos of a set from 0."""
        self._seen = 0

    def after_test_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: Any = None,
        outputs: Any = None,
    ) -> None:
        """Draw the videos of a batch that are due."""
        if not self.enable or 'inputs' not in data_batch:
            return
        for views, sample in zip(data_batch['inputs'], outputs, strict=True):
            if self._seen % self.interval == 0:
                self._draw(runner, views, sample)
            self._seen += 1

    def _draw(self, runner: Runner, views: Any, sample: Any) -> None:
        # draws with what `import mmovar` alone does not need
        from mmovar.visualization.clip_figure import Panel, draw_clip

        loop = runner.test_loop
        names = (loop.dataloader.dataset.metainfo or {}).get('classes')
        path = Path(video_path(sample.metainfo, self._seen))
        values, best = _probabilities(runner.model, sample).topk(
            min(self.topk, sample.pred_score.shape[-1])
        )
        truth, *labels = (
            names[i] if names else f'class {i}'
            for i in [int(sample.gt_label), *best.tolist()]
        )
        frames = views[len(views) // 2].movedim(0, -1).byte().cpu().numpy()
        file = self.out_dir / getattr(loop, 'name', '')
        file /= '_'.join(path.parts[-2:]) + '.png'
        file.parent.mkdir(parents=True, exist_ok=True)
        panel = Panel(f'truth:\n{truth}', frames, labels, values.tolist())
        draw_clip([panel], file)


def _probabilities(model: Any, sample: Any) -> Any:
    """Turn the scores of a video, (C,) or per view (V, C), into (C,)."""
    score = sample.pred_score.float().cpu()
    if unwrap_model(model).cls_head.average_clips != 'prob':
        score = score.softmax(dim=-1)
    return score.reshape(-1, score.shape[-1]).mean(dim=0)
