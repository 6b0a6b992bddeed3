#!/usr/bin/env python3
"""What comes from outside: reading pictures into the archive."""

from fapfav.cli.favorites import main

if __name__ == "__main__":
    main()
