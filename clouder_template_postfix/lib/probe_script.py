"""Runs in a base's container: log in to the mail server and offer a message.

``FACTS`` (JSON) is set by a line put before this text. Nothing is sent: the session ends
before the message. The last line printed says what is wrong.
"""

import json
import smtplib
import ssl
import sys

TIMEOUT = 20


def probe(facts):
    """Return None, or what is wrong."""
    # Inside of Clouder's own network the certificate needs no authority.
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with smtplib.SMTP(facts["host"], facts["port"], timeout=TIMEOUT) as session:
            session.starttls(context=context)
            session.login(facts["user"], facts["password"])
            for code, text in (
                session.mail(f"probe@{facts['domain']}"),
                session.rcpt("probe@clouder.invalid"),
            ):
                if code != 250:
                    return f"{code} {text.decode('utf-8', 'replace')}"
            session.rset()
    except (OSError, smtplib.SMTPException) as error:
        return str(error)
    return None


if __name__ == "__main__":
    reason = probe(json.loads(FACTS))  # noqa: F821 set before this text
    if reason:
        print(reason)
        sys.exit(1)
