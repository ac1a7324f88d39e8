#!/usr/bin/env bash
# Make the virtual environment $1, whatever the machine lacks for it: Debian ships Python without ensurepip.
set -euo pipefail
venv=$1

[ -x "$venv/bin/python" ] && "$venv/bin/python" -m pip --version >/dev/null 2>&1 && exit 0

good() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }
python=
for candidate in ${PYTHON:-python3.11 python3 python3.12 python3.13}; do
    if good "$candidate"; then python=$candidate; break; fi
done
if [ -z "$python" ]; then
    echo "Python 3.11 or newer was not found: install it, or name it with  make PYTHON=/path/to/python3.11" >&2
    exit 1
fi

if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Installing python$version-venv"
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends "python$version-venv" >/dev/null
    else
        echo "This Python cannot make virtual environments yet. Run this once, then make again:" >&2
        echo "    sudo apt-get install -y python$version-venv" >&2
        exit 1
    fi
fi

echo "Creating $venv with $("$python" --version)"
"$python" -m venv --clear "$venv"
"$venv/bin/python" -m pip install -qq --upgrade pip
