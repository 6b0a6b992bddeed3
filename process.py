#!/usr/bin/env python3
"""What happens inside: duplicates, tags, export, undo and everything else done with an archive."""

from fapfav.cli.process import main

if __name__ == "__main__":
    main()
