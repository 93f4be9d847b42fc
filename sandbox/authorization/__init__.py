"""Who calls, and whether a policy lets them."""
