#!/usr/bin/env python3
"""Order an instance and wait until it runs; print its address and its administrator."""

import doors


def order(door, options):
    """Create the base, which has it deployed, and follow the job."""
    values = {
        "name": options.name,
        "title": options.title or options.name,
        "domain_id": doors.only(door, "clouder.domain", "name", options.domain),
        "environment_id": doors.only(
            door, "clouder.environment", "prefix", options.environment
        ),
        "application_id": doors.only(
            door, "clouder.application", "code", options.application
        ),
        "admin_email": options.email,
    }
    if options.service:
        values["service_id"] = doors.only(
            door, "clouder.service", "name", options.service
        )
    base = door.create("clouder.base", values)
    [ordered] = door.find("clouder.base", [["id", "=", base]], ["last_job_id"])
    doors.follow(door, ordered["last_job_id"][0])
    [made] = door.find(
        "clouder.base",
        [["id", "=", base]],
        ["url", "admin_name", "admin_password"],
    )
    print(made["url"], made["admin_name"], made["admin_password"])


def main():
    """Read the command line and do it."""
    parser = doors.parser(__doc__)
    parser.add_argument("name", help="first part of the host name")
    parser.add_argument("domain", help="the rest of it: a domain of Clouder")
    parser.add_argument("--environment", required=True, help="prefix of a project")
    parser.add_argument("--application", default="odoo", help="code; default: odoo")
    parser.add_argument("--service", help="default: what the application says")
    parser.add_argument("--title", help="default: the name")
    parser.add_argument("--email", required=True, help="of the administrator")
    doors.run(order, parser.parse_args())


if __name__ == "__main__":
    main()
