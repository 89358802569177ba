#!/usr/bin/env python3
"""Change the title of an instance, or bring it to the newest code of its modules."""

import doors


def update(door, options):
    """Write what is new and apply it, or upgrade."""
    base = doors.only(door, "clouder.base", "fulldomain", options.host)
    if options.title:
        door.call("clouder.base", "write", base, vals={"title": options.title})
        job = door.call("clouder.base", "apply", base)
    else:
        job = door.call("clouder.base", "upgrade", base)
    doors.follow(door, job)
    print(f"{options.host} is up to date.")


def main():
    """Read the command line and do it."""
    parser = doors.parser(__doc__)
    parser.add_argument("host", help="host name of the instance")
    parser.add_argument("--title", help="a new title; without it, the code is updated")
    doors.run(update, parser.parse_args())


if __name__ == "__main__":
    main()
