"""Where pictures come from: one file a source, all of them alike to the jobs that read them."""
