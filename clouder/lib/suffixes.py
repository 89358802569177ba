"""Which part of a domain name somebody registered, and what lies above a name."""

from publicsuffixlist import PublicSuffixList

# Without the private part of the list: a name there has one owner, whatever he lends.
_SUFFIXES = PublicSuffixList(only_icann=True)


def registered_domain(name: str) -> str:
    """Return the part of ``name`` that a registrar gave to somebody: ``example.co.uk``.

    A name below no known suffix (``shop.localhost``) is taken by its last two labels.
    """
    return str(_SUFFIXES.privatesuffix(name) or name)


def is_public_suffix(name: str) -> bool:
    """Tell whether everybody may register names below ``name``: ``co.uk``."""
    return bool(_SUFFIXES.is_public(name))


def parents(name: str) -> list[str]:
    """Return the names above ``name``, the nearest first, without the last label."""
    labels = name.split(".")
    return [".".join(labels[start:]) for start in range(1, len(labels) - 1)]
