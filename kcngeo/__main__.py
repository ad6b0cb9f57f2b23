"""``python -m kcngeo`` is the same program as ``kcngeo``."""

from kcngeo.cli import main

if __name__ == "__main__":
    main()
