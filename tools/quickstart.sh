#!/usr/bin/env bash
# Install, render the embedded benchmark, train VCLIP plainly and as Open-MeDe
# does, test both and frozen CLIP in and out of context, print what they gain
# and lose:
#   bash tools/quickstart.sh
# Needs Python 3.11 and two cores; no GPU, no download of models or data.
# A second call reuses what is there; an interrupted one goes on.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
bash tools/install.sh
export PATH=${VENV:-$root/.venv}/bin:$PATH
export PYTHON=python PYTHONPATH=$root${PYTHONPATH:+:$PYTHONPATH}
runs=work_dirs/quickstart
shorter=(--cfg-options train_cfg.max_epochs=12 param_scheduler.1.end=12) # of 14
SECONDS=0

step() { printf '\n== %s (%d s)\n' "$1" "$SECONDS"; }

# what was made with other configs or other videos is not reused
recipe=$(cat configs/mini/*.py configs/_base_/{,*/}*.py mmovar/mini/{*.py,data/*} | sha256sum)
if [[ ! -f $runs/recipe || $(<"$runs/recipe") != "$recipe" ]]; then
    rm -rf "$runs"
    mkdir -p "$runs"
    echo "$recipe" >"$runs/recipe"
fi

step 'videos; VCLIP tuned plainly and as Open-MeDe does (4 minutes)'
python tools/benchmark.py mini --method open_mede vclip clip --seeds 0 --jobs 2 \
    --cells 'mini/novel_*' --work-dir "$runs" "${shorter[@]}"

step 'Open-MeDe with half of the logits of CLIP'
python tools/benchmark.py mini --method open_mede --seeds 0 --gpus 2 \
    --cells 'mini/novel_*' --ensemble logits --work-dir "$runs" "${shorter[@]}"

step 'top-1 accuracy in percent on classes that no training has shown'
python tools/report.py "$runs"/{clip,vclip,open_mede,open_mede+logits} --protocol mini \
    --seeds 0 --columns 'novel_*'
step 'done; this was one seed, five seeds of all methods: configs/mini/README.md'
