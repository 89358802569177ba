{
    "name": "Clouder Website",
    "summary": "Order instances on the website, look after them in the portal",
    "version": "19.0.1.0.0",
    "category": "Clouder",
    "author": "Clouder",
    "license": "LGPL-3",
    "depends": ["clouder", "portal", "website"],
    "data": [
        "security/portal_security.xml",
        "data/portal_mail_data.xml",
        "views/portal_home_templates.xml",
        "views/portal_list_templates.xml",
        "views/portal_job_templates.xml",
        "views/portal_domain_templates.xml",
        "views/portal_instance_templates.xml",
    ],
    "assets": {
        "web.assets_frontend": ["clouder_website/static/src/portal/**/*"],
        "web.assets_tests": ["clouder_website/static/tests/tours/portal_*.js"],
    },
}
