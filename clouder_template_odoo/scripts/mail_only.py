"""Runs in ``odoo shell`` after ``mail_account.py``: have the account, and nothing else."""

have_mail_account(PARAMETERS["action"])  # noqa: F821 of mail_account.py
env.cr.commit()  # noqa: F821
print("prepared")
