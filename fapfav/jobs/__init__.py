"""The verbs: each joins the parts to one job that a command or a page can run."""
