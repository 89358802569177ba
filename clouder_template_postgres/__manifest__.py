{
    "name": "Clouder PostgreSQL",
    "summary": "Host PostgreSQL: a role for each linked service, databases for bases",
    "version": "19.0.1.0.0",
    "category": "Clouder",
    "author": "Clouder",
    "license": "LGPL-3",
    "depends": ["clouder"],
    "data": [
        "data/clouder_application_type_data.xml",
        "data/clouder_image_data.xml",
        # The applications name images, types and tags.
        "data/clouder_application_data.xml",
    ],
}
