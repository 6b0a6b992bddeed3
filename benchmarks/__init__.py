"""What the project measures: one module, one command, one table each."""
