{
    "name": "Clouder",
    "summary": "A hosting control plane: applications, services and bases over Docker",
    "version": "19.0.1.0.0",
    "category": "Clouder",
    "author": "Clouder",
    "license": "LGPL-3",
    "depends": ["base", "mail", "bus", "web", "rpc", "queue_job"],
    "external_dependencies": {
        "python": ["cryptography", "dnspython", "docker", "publicsuffixlist", "urllib3"]
    },
    "data": [
        # Groups come first: the access lines and the views name them.
        "security/clouder_groups.xml",
        "security/ir.model.access.csv",
        "security/clouder_rules.xml",
        "data/clouder_application_tag_data.xml",
        "data/mail_activity_type_data.xml",
        # Views
        "views/clouder_application_tag_views.xml",
        "views/clouder_application_type_views.xml",
        "views/clouder_application_template_views.xml",
        # The form of applications opens this dialog.
        "wizards/clouder_application_duplicate_views.xml",
        "views/clouder_application_views.xml",
        "views/clouder_image_version_views.xml",
        "views/clouder_image_views.xml",
        "views/clouder_domain_views.xml",
        "views/clouder_provider_views.xml",
        "views/clouder_job_views.xml",
        "views/clouder_container_views.xml",
        "views/clouder_backup_views.xml",
        "views/clouder_service_views.xml",
        "views/clouder_base_views.xml",
        "views/clouder_node_views.xml",
        "views/clouder_environment_views.xml",
        "views/clouder_problem_views.xml",
        "views/clouder_webhook_views.xml",
        "views/res_config_settings_views.xml",
        "data/ir_cron.xml",
        "data/queue_job_function.xml",
        # The menus name the actions of all views.
        "views/clouder_menus.xml",
    ],
    "assets": {"web.assets_backend": ["clouder/static/src/**/*"]},
    "demo": ["demo/clouder_demo.xml"],
    "application": True,
}
