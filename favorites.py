#!/usr/bin/env python3
"""What comes from outside: reading pictures into the archive."""

import sys

if __name__ == "__main__":
    try:
        from fapfav.cli.favorites import main

        main()
    except KeyboardInterrupt:  # while Python still imports: nothing was begun
        sys.exit(130)
