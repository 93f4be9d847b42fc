"""Pipeline definitions (schema 2020-12-01): parsed, checked and held as frozen values."""
