"""``python -m yunlang`` is the command line."""

from yunlang.cli import main

main()
