"""``python -m acd`` is the ``madoguchi`` command."""

from acd.cli import main

main()
