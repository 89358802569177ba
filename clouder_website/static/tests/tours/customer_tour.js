import { registry } from "@web/core/registry";
import { press, see, write } from "./steps";

const FORM = "form.o_clouder_order";
const LOGIN = "form.oe_login_form";
const PROJECTS = ["Acme", "Acme online"];

/**
 * A known customer logs in, orders, and finds the instance among his own.
 */
registry.category("web_tour.tours").add("clouder_website_customer", {
    steps: () => [
        press("a[href='/instances/shop']"),
        press(`${FORM} a:contains(Log in)`),
        write(`${LOGIN} input[name=login]`, "jane@customer.test"),
        write(`${LOGIN} input[name=password]`, "jane@customer.test"),
        press(`${LOGIN} button[type=submit]`),
        {
            content: "The form knows who he is",
            ...see(`${FORM} .o_clouder_customer:contains(Jane Doe):contains(jane@customer.test)`),
        },
        {
            content: "It does not ask him again",
            trigger: `${FORM}:not(:has(input[name=contact_name])):not(:has(input[name=email]))`,
        },
        {
            content: "His environments are there, and no others",
            trigger: `${FORM} select[name=environment]`,
            async run({ selectByLabel }) {
                const labels = [...this.anchor.options].map((one) => one.label);
                if (labels.join() !== PROJECTS.join()) {
                    throw new Error(`To choose from: ${labels}`);
                }
                await selectByLabel("Acme online");
            },
        },
        write(`${FORM} input[name=name]`, "acme"),
        see(`${FORM}[data-name-state=free] .is-valid`),
        write("input[name=title]", "Acme & Sons"),
        press(`${FORM} button[type=submit]`),
        {
            content: "No mail is waited for: it is made at once",
            ...see(".o_clouder_progress .o_clouder_step"),
        },
        see(".o_clouder_progress[data-state=running] .o_clouder_url"),
        see(".o_clouder_enter button"),
        press(".o_clouder_when_running a[href='/my/instances']"),
        see(".o_clouder_instance:contains(acme.example.test) .badge:contains(Running)"),
        press(".o_clouder_instance a:contains(Acme & Sons)"),
        see("h1:contains(Acme & Sons)"),
    ],
});
