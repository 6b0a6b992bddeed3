"""The viewer: the archive as pages on this computer, served on loopback and nowhere else."""
