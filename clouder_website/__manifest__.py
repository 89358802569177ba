{
    "name": "Clouder Website",
    "summary": "Visitors order instances on the website, customers look after them",
    "version": "19.0.1.0.0",
    "category": "Clouder",
    "author": "Clouder",
    "license": "LGPL-3",
    "depends": ["clouder", "website", "portal"],
    "data": [
        "security/ir.model.access.csv",
        "security/clouder_order_rules.xml",
        "data/ir_sequence_data.xml",
        "data/mail_activity_type_data.xml",
        "data/mail_template_data.xml",
        "data/ir_cron_data.xml",
        "data/website_menu_data.xml",
        # Views of the backend; the form of applications names the orders' action.
        "views/clouder_order_views.xml",
        "views/clouder_application_views.xml",
        "views/res_config_settings_views.xml",
        # Pages: the form is used by the order page and by the embedded one.
        "views/order_form_templates.xml",
        "views/order_templates.xml",
        "views/progress_templates.xml",
        "views/snippets.xml",
    ],
    "assets": {
        "web.assets_frontend": [
            "clouder_website/static/src/order/**/*",
            "clouder_website/static/src/progress/**/*",
            "clouder_website/static/src/snippets/**/*",
        ],
        "website.website_builder_assets": [
            "clouder_website/static/src/builder/**/*",
        ],
        "web.assets_tests": ["clouder_website/static/tests/tours/**/*"],
    },
}
