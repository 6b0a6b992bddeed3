#!/usr/bin/env python3
"""What happens inside: duplicates, tags, export, undo and everything else done with an archive."""

import sys

if __name__ == "__main__":
    try:
        from fapfav.cli.process import main

        main()
    except KeyboardInterrupt:  # while Python still imports: nothing was begun
        sys.exit(130)
