"""Plain Python: the client of certificate authorities, DNS checks, budgets."""
