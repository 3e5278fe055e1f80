"""The command line: serving, caring for the data, and administration without HTTP."""

from api.cli.app import main

__all__ = ["main"]
