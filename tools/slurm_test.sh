#!/usr/bin/env bash
# Test under Slurm:
#   tools/slurm_test.sh PARTITION JOB_NAME CONFIG [CHECKPOINT] [options]
# The options are those of tools/test.py; variables: tools/slurm_run.sh.
exec bash "$(dirname "${BASH_SOURCE[0]}")/slurm_run.sh" test.py "$@"
