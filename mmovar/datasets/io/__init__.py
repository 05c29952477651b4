"""Find videos and frames on disk, read them, write them."""
