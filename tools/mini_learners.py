"""Run video learners with and without Open-MeDe on the mini benchmark.

    python tools/mini_learners.py [--learners vclip st_adapter] [--seeds 0 1 2]
    python tools/mini_learners.py --jobs 2 --readme README.md
    python tools/mini_learners.py --steps plain open_mede iwr

The counterpart of Open-MeDe's Table 4. Each learner is trained with each step
once per seed, on one process; Open-MeDe's two tasks are both handled by it.
Figures are kept in {work dir}/{learner}_{step}/seed{k}/record.json; what has a
record is not run again.
"""

import argparse

import mini_rows

LEARNERS = {
    'vclip': 'VCLIP',
    'xclip': 'X-CLIP',
    'st_adapter': 'ST-Adapter',
    'vita_clip': 'Vita-CLIP',
    'actionclip': 'ActionCLIP',
    'a5': 'A5 ("VPT")',
}
STEPS = {'plain': 'plain', 'open_mede': 'Open-MeDe', 'iwr': 'IWR'}
MARK = 'mini-learners'

_VCLIP = {'plain': 'vclip', 'open_mede': 'open_mede', 'iwr': 'ablations/iwr'}
_ONE_PROCESS = ('train_dataloader.batch_size=32', 'train_cfg.num_tasks=2')


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description='Run the mini learners.')
    parser.add_argument(
        '--learners', nargs='+', choices=LEARNERS, default=list(LEARNERS)
    )
    parser.add_argument(
        '--steps', nargs='+', choices=STEPS, default=['plain', 'open_mede']
    )
    mini_rows.add_options(parser, 'work_dirs/mini_learners')
    return parser.parse_args(argv)


def row_of(learner: str, step: str) -> mini_rows.Row:
    """Describe a learner with a step."""
    return mini_rows.Row(
        (LEARNERS[learner], STEPS[step]),
        _VCLIP[step] if learner == 'vclip' else f'learners/{learner}_{step}',
        _ONE_PROCESS if step == 'open_mede' else (),
    )


def main(argv: list[str] | None = None) -> None:
    """Run what the command line asks for and print the table."""
    args = parse_args(argv)
    rows = {
        f'{learner}_{step}': row_of(learner, step)
        for learner in args.learners
        for step in args.steps
    }
    mini_rows.run_rows(args, rows, ['naive'])
    text = (
        f'Top-1 accuracy in percent, {mini_rows.describe_seeds(args.seeds)}. '
        'Text is frozen; X-CLIP, ActionCLIP and VCLIP tune all of vision, '
        'ST-Adapter, Vita-CLIP and A5 what they add to CLIP. Open-MeDe is '
        'its step and its average, without CLIP mixed in.\n\n'
        + mini_rows.table(args, ['learner', 'step'], rows, ['naive'])
    )
    mini_rows.publish(text, args.readme, MARK)


if __name__ == '__main__':
    main()
