#!/usr/bin/env python3
"""List the instances that you may see: host name, state, address, what is wrong."""

import doors


def show(door, options):
    """Print one line for each base."""
    domain = [["state", "!=", "purged"]]
    if options.environment:
        domain.append(["environment_id.prefix", "=", options.environment])
    fields = ["fulldomain", "state", "url", "error"]
    for base in door.find("clouder.base", domain, fields):
        print(base["fulldomain"], base["state"], base["url"], base["error"] or "")


def main():
    """Read the command line and do it."""
    parser = doors.parser(__doc__)
    parser.add_argument("--environment", help="prefix; default: all of yours")
    doors.run(show, parser.parse_args())


if __name__ == "__main__":
    main()
