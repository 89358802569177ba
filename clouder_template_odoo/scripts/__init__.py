"""Scripts that run in containers; only what has no side effects is imported by tests."""
