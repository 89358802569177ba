{
    "name": "Clouder Bind",
    "summary": "Host names in BIND 9: zones at run time, records by signed updates",
    "version": "19.0.1.0.0",
    "category": "Clouder",
    "author": "Clouder",
    "license": "LGPL-3",
    "depends": ["clouder"],
    "external_dependencies": {"python": ["dnspython", "Jinja2"]},
    "data": [
        "security/ir.model.access.csv",
        # The types come first: images and applications name them.
        "data/clouder_application_type_data.xml",
        "data/clouder_image_data.xml",
        "data/clouder_application_data.xml",
        "views/clouder_domain_views.xml",
    ],
}
