{
    "name": "Clouder Postfix",
    "summary": "Mail of the bases: sent with their signature, received into their gateway",
    "version": "19.0.1.0.0",
    "category": "Clouder",
    "author": "Clouder",
    "license": "LGPL-3",
    "depends": ["clouder"],
    "external_dependencies": {"python": ["cryptography", "Jinja2"]},
    "data": [
        # The type comes first: image and application name it.
        "data/clouder_application_type_data.xml",
        "data/clouder_image_data.xml",
        "data/clouder_application_data.xml",
        "views/clouder_service_views.xml",
    ],
}
