"""`python -m panregion`: the command `panregion`, by whoever has no PATH to it."""

from panregion.cli import main

if __name__ == "__main__":
    main()
