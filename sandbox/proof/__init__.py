"""Proof that every permission is needed: by replay of all decisions, and by removing it live."""
