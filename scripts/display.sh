#!/usr/bin/env bash
# Make sure a napari window can open on a virtual display: install what is missing, or say the one command that does.
set -euo pipefail

packages=(
    xvfb xauth                                                  # the display
    libegl1 libgl1 libgl1-mesa-dri libopengl0                   # OpenGL in software
    libxkbcommon0 libxkbcommon-x11-0 libx11-xcb1                # Qt's xcb platform
    libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0
    libxcb-shape0 libxcb-xinerama0 libxcb-xkb1
    libdbus-1-3 libfontconfig1 libglib2.0-0 fonts-dejavu-core   # Qt itself, and letters on its buttons
)

if ! command -v dpkg-query >/dev/null; then # not Debian: the names above mean nothing here
    command -v xvfb-run >/dev/null && exit 0
    echo "xvfb-run was not found: install Xvfb with this system's package manager, then make again." >&2
    exit 1
fi

# A package that was replaced (libglib2.0-0 by libglib2.0-0t64) counts by what it provides.
installed=$(dpkg-query -W -f='${db:Status-Status} ${Package} ${Provides}\n' | sed -n 's/^installed //p' | tr -s ', ' '\n')
missing=()
for package in "${packages[@]}"; do
    grep -qxF "$package" <<<"$installed" || missing+=("$package")
done
[ ${#missing[@]} = 0 ] && exit 0

if [ "$(id -u)" = 0 ]; then
    echo "Installing ${missing[*]}"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends "${missing[@]}" >/dev/null
else
    echo "Some libraries for a virtual display are missing. Run this once, then make again:" >&2
    echo "    sudo apt-get install -y ${missing[*]}" >&2
    exit 1
fi
