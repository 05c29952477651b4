#!/usr/bin/env bash
# Start one of the tools on several processes with torchrun.
#   tools/dist_run.sh SCRIPT.py NPROC [arguments of the script]
# NPROC processes run on this machine. With GPUs they talk over NCCL (one GPU
# each), without over gloo. One machine takes any free port. On several:
#   NNODES=2 NODE_RANK=0 MASTER_ADDR=10.0.0.1 [MASTER_PORT=29500] ...
# Other variables: PYTHON (interpreter), OMP_NUM_THREADS (per process).
set -euo pipefail

if [[ $# -lt 2 || ! $2 =~ ^[1-9][0-9]*$ ]]; then
    echo "usage: $0 SCRIPT.py NPROC [arguments]" >&2
    exit 2
fi
tools=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
script=$1 nproc=$2
shift 2

nnodes=${NNODES:-1}
port=${MASTER_PORT:-${PORT:-}}
if [[ $nnodes == 1 && -z $port ]]; then
    where=(--standalone)
else
    where=(
        --nnodes "$nnodes" --node-rank "${NODE_RANK:-0}"
        --master-addr "${MASTER_ADDR:-127.0.0.1}"
        --master-port "${port:-29500}"
    )
fi

threads=$(($(nproc) / nproc))
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-$((threads > 0 ? threads : 1))}
export PYTHONPATH=${tools%/*}${PYTHONPATH:+:$PYTHONPATH}
exec "${PYTHON:-python}" -m torch.distributed.run "${where[@]}" \
    --nproc-per-node "$nproc" "$tools/$script" "$@" --launcher pytorch
