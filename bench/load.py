"""Many requests at the same time."""

from concurrent.futures import ThreadPoolExecutor

from .figures import clock


def burst(ask, clients, number):
    """Have ``clients`` ask at the same time, each again as soon as it is answered.

    :param ask: called ``number`` times in all
    :return: how many answers came in a second, and how long each took (list of seconds)
    """
    with ThreadPoolExecutor(clients) as pool:
        whole, taken = clock(
            lambda: list(pool.map(lambda _n: clock(ask)[0], range(number)))
        )
    return number / whole, taken
