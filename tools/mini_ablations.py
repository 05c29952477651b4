"""Run the optimisation rows of Open-MeDe's tables on the mini benchmark.

    python tools/mini_ablations.py [--rows plain meta_gwa] [--seeds 0 1 2]
    python tools/mini_ablations.py --jobs 2 --readme README.md

Each row is trained once per seed and tested as it is, with half of CLIP's
weights and with half of CLIP's logits. Figures are kept in
{work dir}/{row}/seed{k}/record.json; what has a record is not run again.
"""

import argparse

import mini_rows

ROWS = {
    'plain': 'plain',
    'accumulation': 'gradient accumulation',
    'l2': 'l2 to CLIP',
    'rfd': 'feature distillation',
    'iwr': 'IWR',
    'iwr_swa': 'IWR + SWA',
    'meta_unseen': 'Meta-Unseen',
    'meta': 'cross-batch meta',
    'gwa': 'GWA',
    'meta_gwa': 'cross-batch meta + GWA',
}
MARK = 'mini-ablations'


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description='Run the mini ablations.')
    parser.add_argument('--rows', nargs='+', choices=ROWS, default=list(ROWS))
    mini_rows.add_options(parser, 'work_dirs/mini_ablations')
    return parser.parse_args(argv)


def config_of(row: str) -> str:
    """Name the config of a row, below ``configs/mini``."""
    return 'vclip' if row == 'plain' else f'ablations/{row}'


def main(argv: list[str] | None = None) -> None:
    """Run what the command line asks for and print the table."""
    args = parse_args(argv)
    rows = {
        name: mini_rows.Row((ROWS[name],), config_of(name))
        for name in args.rows
    }
    ensembles = list(mini_rows.ENSEMBLES)
    mini_rows.run_rows(args, rows, ensembles)
    head = ['step and average', 'CLIP mixed in']
    text = (
        f'Top-1 accuracy in percent, {mini_rows.describe_seeds(args.seeds)}. '
        '"CLIP mixed in": at test, half of its weights '
        'or half of its logits. IWR + SWA with half of the weights is '
        'Open-VCLIP.\n\n' + mini_rows.table(args, head, rows, ensembles)
    )
    mini_rows.publish(text, args.readme, MARK)


if __name__ == '__main__':
    main()
