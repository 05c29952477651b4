"""Videos before foreign backgrounds: reading, rendering, synthesis."""
