"""``python -m aims_graph`` is the command ``aims``."""

from aims_graph.cli import main

if __name__ == "__main__":
    main()
