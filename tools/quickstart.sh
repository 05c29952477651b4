#!/usr/bin/env bash
# Install, render the embedded benchmark, train Open-MeDe on two processes,
# test it and frozen CLIP in and out of context, print the table:
#   bash tools/quickstart.sh
# Needs Python 3.11 and two cores; no GPU, no download of models or data.
# A second call reuses what is there; an interrupted one goes on.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
bash tools/install.sh
export PATH=${VENV:-$root/.venv}/bin:$PATH
export PYTHON=python PYTHONPATH=$root${PYTHONPATH:+:$PYTHONPATH}
runs=work_dirs/mini
trained=$runs/open_mede
SECONDS=0

step() { printf '\n== %s (%d s)\n' "$1" "$SECONDS"; }

# test_config NAME [CHECKPOINT]: write $runs/NAME/results.json unless it is current
test_config() {
    local name=$1 out=$runs/$1/results.json newer=${2:-$data/clip/seed0.pt}
    if [[ $out -nt $newer ]]; then
        step "reusing $out"
        return
    fi
    step "testing configs/mini/$name.py"
    python tools/test.py "configs/mini/$name.py" ${2:+"$2"} \
        --work-dir "$runs/$name" --out "$out"
}

step 'the benchmark: rendering videos, pre-training a tiny CLIP'
data=${MMOVAR_DATA:-data}/mini
python tools/data/prepare_mini.py --seeds 0

recipe=$(cat configs/mini/*.py configs/_base_/{,*/}*.py | sha256sum)
if [[ -f $trained/finished && $(<"$trained/finished") == "$recipe" ]]; then
    step "reusing $trained (delete it to train again)"
else
    step 'training Open-MeDe on two processes'
    rm -f "$trained/finished"
    resume=()
    if [[ -f $trained/started && $(<"$trained/started") == "$recipe" ]]; then
        resume=(--resume)
    fi
    mkdir -p "$trained"
    echo "$recipe" >"$trained/started"
    bash tools/dist_train.sh configs/mini/open_mede.py 2 \
        --work-dir "$trained" ${resume[@]+"${resume[@]}"}
    echo "$recipe" >"$trained/finished"
fi

test_config clip
test_config open_mede "$(<"$trained/last_checkpoint")"

step 'top-1 accuracy in percent (ic: in context, ooc: out of context)'
python tools/results_table.py "frozen CLIP=$runs/clip/results.json" \
    "Open-MeDe=$runs/open_mede/results.json" \
    --sets known_ic known_ooc novel_ic novel_ooc
step 'done'
