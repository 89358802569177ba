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
