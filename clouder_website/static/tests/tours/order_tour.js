import { registry } from "@web/core/registry";
import { press, see, write } from "./steps";

const FORM = "form.o_clouder_order";
const NAME = `${FORM} input[name=name]`;
const ORDER = `${FORM} button[type=submit]`;

/**
 * A stranger orders an instance; the name he types first is taken.
 */
registry.category("web_tour.tours").add("clouder_website_order", {
    steps: () => [
        press("a[href='/instances/shop']"),
        write(NAME, "taken"),
        see(`${FORM}[data-name-state=taken] .is-invalid`),
        see(".o_clouder_name_message.text-danger"),
        write(NAME, "acme"),
        see(`${FORM}[data-name-state=free] .is-valid`),
        write("input[name=title]", "Acme & Sons"),
        write("input[name=contact_name]", "Jane Doe"),
        write("input[name=email]", "jane@customer.test"),
        press(ORDER),
        see("h1:contains(Look into your mail)"),
    ],
});

/**
 * The same person comes back by the link of the mail.
 */
registry.category("web_tour.tours").add("clouder_website_confirm", {
    steps: () => [
        press("form.o_clouder_once button[type=submit]"),
        see(".o_clouder_progress[data-state=deploying] .o_clouder_step"),
    ],
});

registry.category("web_tour.tours").add("clouder_website_progress", {
    steps: () => [
        {
            content: "The name of a step is text, whatever it is",
            trigger: ".o_clouder_step_name:contains(<b>Steps</b> are text)",
        },
        {
            content: "The page asks the server by itself",
            trigger: ".o_clouder_progress",
            async run() {
                const steps = document.querySelector(".o_clouder_steps");
                const old = steps.firstElementChild;
                await new Promise((resolve) => {
                    new MutationObserver(resolve).observe(steps, { childList: true });
                });
                if (old.isConnected || steps.querySelector("b")) {
                    throw new Error("The steps were not shown anew, as text");
                }
            },
        },
    ],
});

registry.category("web_tour.tours").add("clouder_website_failed", {
    steps: () => [
        see(".o_clouder_progress[data-state=failed] .o_clouder_error:contains(It stopped at)"),
        press(".o_clouder_when_failed button:contains(Try again)"),
        see(".o_clouder_progress[data-state=deploying] .progress"),
    ],
});

registry.category("web_tour.tours").add("clouder_website_expired", {
    steps: () => [
        see("h1:contains(This link is too old)"),
        press("a:contains(Order again)"),
        see(`${FORM}[data-name-state=free] input[name=name]:value(acme)`),
    ],
});

registry.category("web_tour.tours").add("clouder_website_embedded", {
    steps: () => [
        write(NAME, "acme"),
        see(`${FORM}[data-name-state=free] .is-valid`),
        see(ORDER),
    ],
});

registry.category("web_tour.tours").add("clouder_website_block", {
    steps: () => [
        {
            content: "The form came by itself, and looks whether the name is free",
            ...write(`.s_clouder_order ${NAME}`, "acme"),
        },
        see(".s_clouder_order form[data-name-state=free] .is-valid"),
        write("input[name=contact_name]", "Jane Doe"),
        write("input[name=email]", "jane@customer.test"),
        press(`.s_clouder_order ${ORDER}`),
        see("h1:contains(Look into your mail)"),
    ],
});
