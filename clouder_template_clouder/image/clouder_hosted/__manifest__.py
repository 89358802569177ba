{
    "name": "Clouder Hosted",
    "summary": "Run the jobs of all databases of a server that tells them by host name",
    "version": "19.0.1.0.0",
    "category": "Clouder",
    "author": "Clouder",
    "license": "LGPL-3",
    "depends": ["queue_job"],
    "installable": True,
}
