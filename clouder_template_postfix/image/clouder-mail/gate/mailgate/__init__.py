"""What stands between Postfix and the bases: it refuses, counts and delivers."""
