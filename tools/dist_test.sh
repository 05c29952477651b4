#!/usr/bin/env bash
# Test on several processes: tools/dist_test.sh CONFIG [CHECKPOINT] NPROC
# [options]. The options are those of tools/test.py; without a checkpoint the
# test is zero-shot. For several machines, ports and threads see
# tools/dist_run.sh.
set -euo pipefail

if [[ $# -ge 2 && $2 =~ ^[0-9]+$ ]]; then
    nproc=$2 arguments=("$1" "${@:3}")
elif [[ $# -ge 3 ]]; then
    nproc=$3 arguments=("$1" "$2" "${@:4}")
else
    echo "usage: $0 CONFIG [CHECKPOINT] NPROC [options of test.py]" >&2
    exit 2
fi
exec bash "$(dirname "${BASH_SOURCE[0]}")/dist_run.sh" \
    test.py "$nproc" "${arguments[@]}"
