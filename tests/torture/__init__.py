"""Every touch of the disk in turn: the process killed there, the disk full, the power cut."""
