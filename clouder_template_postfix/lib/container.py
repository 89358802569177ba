"""How the mail container is run: users, capabilities, health."""

OWNERS = {"root": 0, "postfix": 825, "dovecot": 827, "_rspamd": 829, "gate": 830}
"""The accounts of the image, by their numbers."""

CAPABILITIES = (
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "KILL",
    "NET_BIND_SERVICE",
    "SETGID",
    "SETUID",
)
"""Postfix's master gives each of its programs the rights it needs, and no more."""

HEALTH = ["/usr/lib/clouder-mail/health"]
START = ["/usr/lib/clouder-mail/start"]
CONFIG = "/etc/clouder"
CERTIFICATE = f"{CONFIG}/tls.pem"
TMPFS = {"/var/lib/postfix": "rw,nosuid,nodev,noexec,size=16m,mode=0755,uid=825"}
SMTP_PORT = 25
SUBMISSION_PORT = 587
