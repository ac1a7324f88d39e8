"""Lets ``python -m napari_hypseg.cli`` stand in where the script `hypseg` is not on the path."""

import sys

from napari_hypseg.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
