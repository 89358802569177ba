import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("clouder_dependency_graph", {
    steps: () => [
        {
            content: "open the drawing from the environment",
            trigger: "button[name=action_open_graph]",
            run: "click",
        },
        {
            content: "the shop is linked to its database, which works",
            trigger: ".o_clouder_edge.o_clouder_kind_link.o_clouder_working text:contains(database)",
        },
        {
            content: "what is needed by the others stands there, and runs; open it",
            trigger: ".o_clouder_node.o_clouder_running:contains(test-db)",
            run: "click",
        },
        {
            content: "its form opens",
            trigger: ".o_form_view .o_breadcrumb:contains(test-db)",
        },
        {
            content: "and leads to a drawing of its own",
            trigger: "button[name=action_open_graph]",
            run: "click",
        },
        {
            content: "in which those who need it are drawn",
            trigger: ".o_clouder_node:contains(test-shop-exec)",
        },
    ],
});
