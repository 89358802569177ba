#!/usr/bin/env python3
"""Delete an instance after a time of grace, take that back, or delete it at once."""

import doors


def delete(door, options):
    """Ask for what is wanted and say what came of it."""
    base = doors.only(door, "clouder.base", "fulldomain", options.host)
    if options.cancel:
        job = door.call("clouder.base", "cancel_deletion", base)
        if job:
            doors.follow(door, job)
        print(f"{options.host} stays" + ("." if job else ", and stays suspended."))
    elif options.now:
        doors.follow(door, door.call("clouder.base", "purge", base))
        door.call("clouder.base", "unlink", base)
        print(f"{options.host} is gone.")
    else:
        day = door.call("clouder.base", "request_deletion", base, days=options.days)
        [asked] = door.find("clouder.base", [["id", "=", base]], ["last_job_id"])
        doors.follow(door, asked["last_job_id"][0])
        print(f"{options.host} goes on {day}.")


def main():
    """Read the command line and do it."""
    parser = doors.parser(__doc__)
    parser.add_argument("host", help="host name of the instance")
    parser.add_argument("--days", type=int, default=7, help="of grace; default: 7")
    other = parser.add_mutually_exclusive_group()
    other.add_argument("--cancel", action="store_true", help="it stays after all")
    other.add_argument(
        "--now", action="store_true", help="its data is lost, at once and for good"
    )
    doors.run(delete, parser.parse_args())


if __name__ == "__main__":
    main()
