"""From bytes to facts: one decode, four hashes, an embedding and a thumbnail. Knows no archive."""
