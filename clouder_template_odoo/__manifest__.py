{
    "name": "Clouder Odoo",
    "summary": "Host Odoo: each base is one database, copied from a template in a second",
    "version": "19.0.1.0.0",
    "category": "Clouder",
    "author": "Clouder",
    "license": "LGPL-3",
    "depends": ["clouder_template_postgres"],
    "data": [
        "security/ir.model.access.csv",
        "data/clouder_application_type_data.xml",
        "data/clouder_image_data.xml",
        # The applications name images, types and templates.
        "data/clouder_application_data.xml",
    ],
}
