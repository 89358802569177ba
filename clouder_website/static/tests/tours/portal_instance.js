import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("clouder_website_portal", {
    steps: () => [
        { trigger: ".o_portal_my_home a[href='/my/instances']", run: "click", expectUnloadPage: true },
        { trigger: ".o_clouder_instance a", run: "click", expectUnloadPage: true },
    ],
});
