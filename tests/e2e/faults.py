"""Faults on demand, through the addon ``test_clouder``."""

import contextlib

PARAMETER = "test_clouder.fault"


def set_fault(api, text):
    """Arm ``<hook>:<before|after>:<kill|hold>``, or disarm with False."""
    api("ir.config_parameter", "set_param", PARAMETER, text)


@contextlib.contextmanager
def held(api, place):
    """Hold jobs at ``<hook>:<before|after>`` until the block ends."""
    set_fault(api, f"{place}:hold")
    try:
        yield
    finally:
        set_fault(api, False)
