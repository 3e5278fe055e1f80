"""`python -m api.cli` is `anagen`."""

from api.cli.app import main

main()
