import json
import os
import urllib.request


def call(model, method, **arguments):
    request = urllib.request.Request(
        f"{os.environ['CLOUDER_URL']}/json/2/{model}/{method}",
        json.dumps(arguments).encode(),
        {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {os.environ['CLOUDER_KEY']}",
            "X-Odoo-Database": os.environ["CLOUDER_DB"],
        },
    )
    with urllib.request.urlopen(request, timeout=180) as reply:
        return json.load(reply)


for base in call("clouder.base", "search_read", domain=[], fields=["url", "state"]):
    print(base["url"], base["state"])
