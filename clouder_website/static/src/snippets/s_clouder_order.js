import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

/**
 * Fills the building block with the order form of the application it names.
 *
 * The form comes fresh from the server: it has a token of the visitor's session in it,
 * so it cannot be a part of the saved page.
 */
export class OrderBlock extends Interaction {
    static selector = ".s_clouder_order[data-code]:not([data-code=''])";

    setup() {
        this.place = this.el.querySelector(".s_clouder_order_form");
    }

    async willStart() {
        const code = encodeURIComponent(this.el.dataset.code);
        const response = await this.waitFor(fetch(`/instances/form/${code}`));
        this.html = response.ok ? await this.waitFor(response.text()) : "";
    }

    start() {
        if (!this.html) {
            return;
        }
        const page = new DOMParser().parseFromString(this.html, "text/html");
        const form = page.querySelector("form.o_clouder_order");
        this.place.replaceChildren(form);
        this.registerCleanup(() => this.place.replaceChildren());
        this.services["public.interactions"].startInteractions(form);
    }
}

registry.category("public.interactions").add("clouder_website.order_block", OrderBlock);
registry
    .category("public.interactions.edit")
    .add("clouder_website.order_block", { Interaction: OrderBlock });
