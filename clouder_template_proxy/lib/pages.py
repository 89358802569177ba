"""What visitors read when no base answers them, in their own language."""

from dataclasses import dataclass

LANGUAGES = ("en", "fr")
"""The first one is for everybody whose own is not among them."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the proxy.

    :param texts: title and text by language; no quote, brace, dollar or backslash
    :param retry_after: seconds after which a machine may ask again; 0: it is not told
    """

    name: str
    status: int
    texts: dict[str, tuple[str, str]]
    retry_after: int = 0


PAGES = (
    Page(
        "unknown",
        404,
        {
            "en": ("Nothing here", "No site answers under this address."),
            "fr": ("Rien ici", "Aucun site ne répond à cette adresse."),
        },
    ),
    Page(
        "suspended",
        503,
        {
            "en": (
                "This site is taking a break",
                "It is suspended for now, and nothing in it is lost. If it is yours, "
                "look into your account: it says why, and how the site comes back.",
            ),
            "fr": (
                "Ce site fait une pause",
                "Il est suspendu pour le moment, et rien n’y est perdu. S’il est à "
                "vous, votre compte dit pourquoi, et comment le site revient.",
            ),
        },
        3600,
    ),
    Page(
        "unreachable",
        502,
        {
            "en": (
                "One moment",
                "This site is starting or being updated. Please try again in a minute.",
            ),
            "fr": (
                "Un instant",
                "Ce site démarre ou se met à jour. Réessayez dans une minute.",
            ),
        },
        60,
    ),
)
