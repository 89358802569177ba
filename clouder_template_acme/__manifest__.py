{
    "name": "Clouder ACME",
    "summary": "Certificates of Let's Encrypt or any ACME authority, renewed by themselves",
    "version": "19.0.1.0.0",
    "category": "Clouder",
    "author": "Clouder",
    "license": "LGPL-3",
    "depends": ["clouder_template_proxy"],
    "external_dependencies": {
        "python": ["acme", "dnspython", "josepy", "publicsuffixlist", "requests"]
    },
    "data": [
        "security/ir.model.access.csv",
        "security/clouder_rules.xml",
        "data/clouder_application_type_data.xml",
        "data/clouder_image_data.xml",
        # The applications name images, types and tags.
        "data/clouder_application_data.xml",
        "data/ir_cron.xml",
        "views/clouder_certificate_order_views.xml",
        "views/clouder_base_views.xml",
        "views/clouder_domain_views.xml",
    ],
}
