import { registry } from "@web/core/registry";

/**
 * A stranger orders an instance; the name he types first is taken.
 */
registry.category("web_tour.tours").add("clouder_website_order", {
    steps: () => [
        {
            content: "Choose the shop",
            trigger: "a[href='/instances/shop']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "A taken name",
            trigger: "form.o_clouder_order input[name=name]",
            run: "edit taken",
        },
        {
            content: "It is told",
            trigger: "form.o_clouder_order[data-name-state=taken] .is-invalid",
        },
        {
            content: "A free one",
            trigger: "form.o_clouder_order input[name=name]",
            run: "edit acme",
        },
        { trigger: "form.o_clouder_order[data-name-state=free] .is-valid" },
        { trigger: "input[name=title]", run: "edit Acme & Sons" },
        { trigger: "input[name=contact_name]", run: "edit Jane Doe" },
        { trigger: "input[name=email]", run: "edit jane@customer.test" },
        {
            content: "Order",
            trigger: "form.o_clouder_order button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        { content: "A mail is under way", trigger: "h1:contains(Look into your mail)" },
    ],
});

/**
 * The same person comes back by the link of the mail.
 */
registry.category("web_tour.tours").add("clouder_website_confirm", {
    steps: () => [
        {
            content: "Confirm",
            trigger: "form.o_clouder_once button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The steps are there",
            trigger: ".o_clouder_progress[data-state=deploying] .o_clouder_step",
        },
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
        {
            content: "It says so",
            trigger: ".o_clouder_progress[data-state=failed] .o_clouder_error:contains(It stopped at)",
        },
        {
            content: "Try again",
            trigger: ".o_clouder_when_failed button:contains(Try again)",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: ".o_clouder_progress[data-state=deploying] .progress" },
    ],
});

registry.category("web_tour.tours").add("clouder_website_expired", {
    steps: () => [
        {
            content: "Order the same again",
            trigger: "a:contains(Order again)",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: "form.o_clouder_order[data-name-state=free] input[name=name]:value(acme)" },
    ],
});

registry.category("web_tour.tours").add("clouder_website_block", {
    steps: () => [
        {
            content: "The form came by itself, and looks whether the name is free",
            trigger: ".s_clouder_order form.o_clouder_order input[name=name]",
            run: "edit acme",
        },
        { trigger: ".s_clouder_order form[data-name-state=free]" },
        { trigger: "input[name=contact_name]", run: "edit Jane Doe" },
        { trigger: "input[name=email]", run: "edit jane@customer.test" },
        {
            trigger: ".s_clouder_order button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: "h1:contains(Look into your mail)" },
    ],
});
