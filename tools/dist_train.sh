#!/usr/bin/env bash
# Train on several processes: tools/dist_train.sh CONFIG NPROC [options]
# The options are those of tools/train.py; for several machines, ports and
# threads see tools/dist_run.sh.
set -euo pipefail

if [[ $# -lt 2 ]]; then
    echo "usage: $0 CONFIG NPROC [options of train.py]" >&2
    exit 2
fi
exec bash "$(dirname "${BASH_SOURCE[0]}")/dist_run.sh" \
    train.py "$2" "$1" "${@:3}"
