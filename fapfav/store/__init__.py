"""What is on disk: keys, sealed files, the log of changes, and the order they are written in."""
