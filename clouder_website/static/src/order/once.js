import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";
import { addLoadingEffect } from "@web/core/utils/ui";

/**
 * Sends a form once, however often its button is clicked.
 */
export class Once extends Interaction {
    static selector = "form.o_clouder_once";
    dynamicContent = {
        _root: { "t-on-submit": this.onSubmit },
        _window: { "t-on-pageshow": this.onPageshow },
    };

    setup() {
        this.button = this.el.querySelector("button[type=submit]");
    }

    onSubmit(ev) {
        if (this.sent) {
            ev.preventDefault();
            return;
        }
        this.sent = true;
        // The form's captcha may have done it already.
        if (!this.button.disabled) {
            addLoadingEffect(this.button);
        }
    }

    /**
     * A page that the browser kept as it was left, and shows again, can be sent again.
     */
    onPageshow(ev) {
        if (!ev.persisted || !this.sent) {
            return;
        }
        this.sent = false;
        this.button.disabled = false;
        this.button.classList.remove("o_btn_loading", "disabled", "pe-none");
        this.button.querySelectorAll(".fa-spin").forEach((spinner) => spinner.remove());
        // The answer of a captcha counts once.
        this.el.querySelector("[name=recaptcha_token_response]")?.remove();
    }
}

registry.category("public.interactions").add("clouder_website.once", Once);
