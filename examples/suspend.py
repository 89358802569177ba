#!/usr/bin/env python3
"""Suspend an instance: its visitors read a friendly page, its data stays. Or resume it."""

import doors


def suspend(door, options):
    """Ask for it and follow the job."""
    base = doors.only(door, "clouder.base", "fulldomain", options.host)
    if options.resume:
        job = door.call("clouder.base", "resume", base)
    else:
        job = door.call("clouder.base", "suspend", base, reason=options.reason)
    doors.follow(door, job)
    [now] = door.find("clouder.base", [["id", "=", base]], ["state"])
    print(options.host, now["state"])


def main():
    """Read the command line and do it."""
    parser = doors.parser(__doc__)
    parser.add_argument("host", help="host name of the instance")
    parser.add_argument("--resume", action="store_true", help="bring it back")
    parser.add_argument(
        "--reason", choices=("manual", "payment", "trial"), default="manual"
    )
    doors.run(suspend, parser.parse_args())


if __name__ == "__main__":
    main()
