import { BaseOptionComponent } from "@html_builder/core/utils";
import { SNIPPET_SPECIFIC_END } from "@html_builder/utils/option_sequence";
import { Plugin } from "@html_editor/plugin";
import { withSequence } from "@html_editor/utils/resource";
import { onWillStart, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { rpc } from "@web/core/network/rpc";

/**
 * The option of the building block: which application its form orders.
 */
export class OrderOption extends BaseOptionComponent {
    static template = "clouder_website.OrderOption";
    static selector = ".s_clouder_order";

    setup() {
        super.setup();
        this.state = useState({ applications: [] });
        onWillStart(async () => {
            this.state.applications = await rpc("/instances/choices");
        });
    }
}

class OrderOptionPlugin extends Plugin {
    static id = "clouderOrderOption";
    resources = {
        builder_options: [withSequence(SNIPPET_SPECIFIC_END, OrderOption)],
    };
}

registry.category("website-plugins").add(OrderOptionPlugin.id, OrderOptionPlugin);
