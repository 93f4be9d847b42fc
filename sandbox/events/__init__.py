"""EventBridge: patterns, rules, schedules, targets and deliveries."""
