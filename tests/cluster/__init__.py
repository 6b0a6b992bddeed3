"""Work past one computer: on a cluster of real worker processes, and on executors that look on."""
