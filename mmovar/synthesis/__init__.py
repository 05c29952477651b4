"""Make SCUBA and HAT from videos with masks, offline."""
