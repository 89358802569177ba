#!/usr/bin/env python3
"""Order an instance for a customer, as the form on the website does; print its address."""

import doors


def order(door, options):
    """Place the order, which is confirmed and deployed at once, and follow the job."""
    values = {
        "application": options.application,
        "name": options.name,
        "domain": options.domain,
        "title": options.title,
        "lang": options.lang,
        "email": options.email,
        "contact_name": options.contact,
        "environment": options.environment,
        "options": dict(option.split("=", 1) for option in options.option),
    }
    given = {name: value for name, value in values.items() if value}
    made = door.call("clouder.order", "order", values=given)
    if not made["job"]:
        raise doors.Refused(f"Order {made['order']} is noted, but not begun.")
    doors.follow(door, made["job"])
    if made["base"]:
        [base] = door.find("clouder.base", [["id", "=", made["base"]]], ["url"])
        print(base["url"])


def main():
    """Read the command line and do it."""
    parser = doors.parser(__doc__)
    parser.add_argument("application", help="code of one that the website offers")
    parser.add_argument("name", help="first part of the host name")
    parser.add_argument("--domain", help="the rest of it; default: the only one")
    parser.add_argument("--email", required=True, help="of the customer")
    parser.add_argument("--contact", required=True, help="the customer's name")
    parser.add_argument(
        "--environment", help="prefix; administrators may leave it to the e-mail"
    )
    parser.add_argument("--title", help="default: the name")
    parser.add_argument("--lang", help="such as fr_FR; default: your own")
    parser.add_argument(
        "--option", action="append", default=[], metavar="NAME=VALUE", help="repeatable"
    )
    doors.run(order, parser.parse_args())


if __name__ == "__main__":
    main()
