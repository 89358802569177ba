import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";
import { addLoadingEffect } from "@web/core/utils/ui";

/**
 * Sends a form once, however often its button is clicked.
 */
export class Once extends Interaction {
    static selector = "form.o_clouder_once";
    dynamicContent = { _root: { "t-on-submit": this.onSubmit } };

    onSubmit(ev) {
        if (this.sent) {
            ev.preventDefault();
            return;
        }
        this.sent = true;
        addLoadingEffect(this.el.querySelector("button[type=submit]"));
    }
}

registry.category("public.interactions").add("clouder_website.once", Once);
