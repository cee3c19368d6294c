"""The command line: people and scripts come in here."""

from shounuo.cli.main import main

__all__ = ["main"]
