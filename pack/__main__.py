"""``flyte-slack`` and ``python -m pack``: the entry point."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    from pack.cli import app

    app()


if __name__ == "__main__":
    main()
