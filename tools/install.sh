#!/usr/bin/env bash
# Install mmovar and the versions it was tested with into .venv, once.
# A second call returns at once, until the requirements change. Variables:
# PYTHON (interpreter of a new environment), VENV (its folder), CONSTRAINTS
# (file of versions: requirements/constraints.txt, or lowest.txt beside it).
# Which torch build is installed (CPU or CUDA) is up to pip's index.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv=${VENV:-$root/.venv}
constraints=${CONSTRAINTS:-$root/requirements/constraints.txt}
stamp=$venv/mmovar-installed
wanted=$(cat "$constraints" "$root/pyproject.toml" | sha256sum)

if [[ -f $stamp && $(<"$stamp") == "$wanted" ]]; then exit 0; fi

if [[ ! -x $venv/bin/python ]]; then
    python=${PYTHON:-$(command -v python3.11 || command -v python3)}
    echo "install: new environment $venv ($("$python" --version))"
    "$python" -m venv "$venv"
fi
echo 'install: torch, MMEngine, MMAction2, open_clip, Gradio (a minute or two)'
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    --constraint "$constraints" --editable "$root[mmcv-lite,dev]"
echo "$wanted" >"$stamp"
echo "install: done in $SECONDS s"
