"""The embedded benchmark: rendered videos and a tiny CLIP, from nothing."""
