#!/usr/bin/env bash
# Lint, check types and test all that needs neither a GPU nor the network:
#   bash tools/run_tests.sh [arguments of pytest]
# Slow tests too: bash tools/run_tests.sh -m "not gpu"
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bash "$root/tools/install.sh"
PATH=${VENV:-$root/.venv}/bin:$PATH
cd "$root"

ruff check .
ruff format --check .
# Types as the pinned versions have them; older ones differ.
[[ ${CONSTRAINTS:-} == *lowest* ]] || mypy
# -rs names what was skipped: the demo page without Chromium, and nothing else.
# One thread each: the tests are many and small, two run at a time.
OMP_NUM_THREADS=1 python -m pytest -n "${JOBS:-2}" --dist worksteal --quiet -rs "$@"
