"""Checks that a person may use what a record shall point to.

The ORM asks for rights on the written record alone; without this check somebody
could hang a record on another customer's service by giving its id.
"""


def check_may_use(records, *names):
    """Check the reading right on what the relational fields ``names`` hold.

    :raise AccessError: the user may not read one of the records pointed to
    """
    for name in names:
        records.mapped(name).check_access("read")
