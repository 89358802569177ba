{
    "name": "Clouder in Clouder",
    "summary": "Host Clouder itself: each base is a control plane of its own",
    "version": "19.0.1.0.0",
    "category": "Clouder",
    "author": "Clouder",
    "license": "LGPL-3",
    "depends": ["clouder_template_odoo"],
    "data": [
        "data/clouder_application_type_data.xml",
        "data/clouder_image_data.xml",
        # The applications name images, types and templates.
        "data/clouder_application_data.xml",
    ],
}
