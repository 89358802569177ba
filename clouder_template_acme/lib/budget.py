"""How often an authority may be asked: by all together, and by each customer.

Authorities limit what one account and one registered domain get. So that no customer
uses up what others need, one gets at most half of what the others left of a limit:
however many he asks for, there is something left for everybody else.
"""

from dataclasses import dataclass

from publicsuffixlist import PublicSuffixList

from .failure import BudgetSpent

_SUFFIXES = PublicSuffixList()


@dataclass(frozen=True, slots=True)
class Use:
    """What was asked of one limit within its time.

    :param limit: how much there is
    :param own: how much this customer asked for
    :param others: how much all others asked for
    :param what: the limit in words
    """

    limit: int
    own: int
    others: int
    what: str

    @property
    def share(self) -> int:
        """How much this customer may ask for; one at least while there is any left."""
        return max((self.limit - self.others + 1) // 2, 0)


def check(use: Use) -> None:
    """See that one more may be asked for.

    :raise BudgetSpent: the limit is reached, by all or by this customer
    """
    if use.own + use.others >= use.limit:
        raise BudgetSpent(
            f"The budget is spent: {use.own + use.others} of {use.limit} {use.what}.",
            "It is tried again by itself; a wildcard certificate of the domain needs "
            "one for all its bases.",
        )
    if use.own >= use.share:
        raise BudgetSpent(
            f"This customer has had a fair share: {use.own} of {use.share} {use.what}.",
            "It is tried again by itself; the rest is kept for others.",
        )


def registered_domain(name: str) -> str:
    """Return the part of ``name`` that somebody registered: ``example.co.uk``.

    A name below no known suffix (``shop.localhost``) is taken by its last two labels.
    """
    plain = name.removeprefix("*.").rstrip(".").lower()
    found = _SUFFIXES.privatesuffix(plain)
    return str(found or plain)
