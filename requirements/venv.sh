#!/bin/sh
# Make the virtual environment $2 with the Python $1; Debian and Ubuntu ship venv apart.
set -eu
python=$1 folder=$2
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "Gridbus needs Python 3.11 or newer; '$python' is $("$python" -V 2>&1). Set PYTHON=... to another." >&2
  exit 1
}
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  if [ "$(id -u)" = 0 ]; then run=""; else run="sudo -n"; fi
  echo "Installing python3-venv with apt-get." >&2
  $run apt-get update -qq && $run apt-get install -y -qq --no-install-recommends python3-venv >&2 || {
    echo "Python has no venv module here: install the package python3-venv and run make again." >&2
    exit 1
  }
fi
[ -x "$folder/bin/python" ] || "$python" -m venv "$folder"
