#!/usr/bin/env bash
# Start one of the tools under Slurm.
#   tools/slurm_run.sh SCRIPT.py PARTITION JOB_NAME CONFIG [arguments]
# Variables: GPUS (processes in all, 8), GPUS_PER_NODE (8), CPUS_PER_TASK (5),
# SRUN_ARGS, PYTHON.
set -euo pipefail

if [[ $# -lt 4 ]]; then
    echo "usage: $0 SCRIPT.py PARTITION JOB_NAME CONFIG [arguments]" >&2
    exit 2
fi
tools=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
script=$1 partition=$2 job_name=$3
shift 3

gpus=${GPUS:-8}
gpus_per_node=${GPUS_PER_NODE:-8}
if ((gpus < gpus_per_node)); then gpus_per_node=$gpus; fi
read -ra srun_args <<<"${SRUN_ARGS:-}"

# Jobs of one user may share a machine: a port of its own for each.
export MASTER_PORT=${MASTER_PORT:-$((12000 + RANDOM % 20000))}
export PYTHONPATH=${tools%/*}${PYTHONPATH:+:$PYTHONPATH}
exec srun --partition="$partition" --job-name="$job_name" \
    --gres=gpu:"$gpus_per_node" --ntasks="$gpus" \
    --ntasks-per-node="$gpus_per_node" \
    --cpus-per-task="${CPUS_PER_TASK:-5}" --kill-on-bad-exit=1 \
    ${srun_args[@]+"${srun_args[@]}"} \
    "${PYTHON:-python}" -u "$tools/$script" "$@" --launcher slurm
