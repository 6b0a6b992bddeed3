"""The command line: options in, one job, a report out as text or JSON."""
