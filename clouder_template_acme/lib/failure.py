"""What can go wrong between Clouder and a certificate authority::

ClouderError
├── AuthorityUnreachable   nobody answers at the directory, or nothing that is ACME
├── AuthorityRefused       the authority says no, in its own words
├── AccountRefused         the settings of the authority's service cannot be right
├── NotReady               a check of our own says that asking would be in vain
└── BudgetSpent            the authority was asked often enough for the time being
"""

from odoo.addons.clouder.lib.errors import ClouderError


class AuthorityUnreachable(ClouderError):
    """Nobody answers at the authority's directory, or nothing that is ACME."""


class AuthorityRefused(ClouderError):
    """The authority says no.

    :param message: one sentence
    :param said: all that it said
    """

    def __init__(self, message: str, said: str = "") -> None:
        super().__init__(message)
        self.said = said

    @property
    def detail(self) -> str:
        """Return what the authority said."""
        return self.said


class AccountRefused(ClouderError):
    """The settings of the authority's service cannot be right."""


class NotReady(ClouderError):
    """A check of our own says that the authority would be asked in vain."""


class BudgetSpent(ClouderError):
    """The authority was asked often enough for the time being."""
