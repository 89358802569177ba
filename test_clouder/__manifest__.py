{
    "name": "Clouder Tests",
    "summary": "Faults on demand, for the end-to-end tests; never install it in production",
    "version": "19.0.1.0.0",
    "category": "Hidden/Tests",
    "author": "Clouder",
    "license": "LGPL-3",
    "depends": ["clouder"],
    "data": ["data/twofold.xml"],
    "assets": {
        "web.assets_backend": [
            # Some distributions of Odoo ship without this file but still list it.
            (
                "remove",
                "mail/static/lib/selfie_segmentation/selfie_segmentation.js",
            ),
        ],
        "web.assets_tests": ["test_clouder/static/tests/tours/**/*"],
    },
}
