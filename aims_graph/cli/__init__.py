"""The command ``aims``."""

import sys


def main() -> None:
    """Entry point. ``aims --version`` answers without loading anything else."""
    if sys.argv[1:] == ["--version"]:
        from aims_graph import __version__

        print(f"aims {__version__}")
        return
    from aims_graph.cli.app import run

    run()
