"""Processing, training and transform jobs: their API and their running as real processes."""
