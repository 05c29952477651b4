"""A campaign of faults: kills, videos, malformed inputs, hostile files."""
