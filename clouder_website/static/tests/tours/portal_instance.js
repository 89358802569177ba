import { registry } from "@web/core/registry";
import { press, see, tap, write } from "./steps";

/** The steps of pressing a button whose job is followed until the page shows its end. */
function pressed(button) {
    return [
        press(button),
        { trigger: ".o_clouder_done" },
        { content: "the log is live", trigger: ".o_clouder_job[data-live] .o_clouder_job_log:contains(second line)" },
        { trigger: ".o_clouder_job[data-live] .o_clouder_job_steps li.fw-bold", expectUnloadPage: true },
        { content: "the page shows the end", trigger: "#clouder_instance_main:not(:has([data-live]))" },
        { trigger: ".o_clouder_job:first .o_clouder_job_word:contains(Done)" },
    ];
}

const RENEW = ".o_clouder_renew button";

/** Send a form without leaving the page; return whether its button can still be pressed. */
function sendInPlace(button) {
    const stay = (ev) => ev.preventDefault();
    button.form.addEventListener("submit", stay, { once: true });
    button.click();
    return !button.disabled;
}

/** The browser shows this page again, as it was when it was left. */
function comeBack() {
    window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
}

registry.category("web_tour.tours").add("clouder_website_portal_twice", {
    steps: () => [
        tap(".o_clouder_renew summary"),
        {
            content: "The button rests when it was pressed, until one comes back",
            trigger: RENEW,
            run() {
                if (sendInPlace(this.anchor)) {
                    throw new Error("The form can be sent twice");
                }
                comeBack();
                if (this.anchor.disabled || this.anchor.querySelector(".fa-spin")) {
                    throw new Error("The form cannot be sent any more");
                }
            },
        },
        {
            content: "The second click comes while the first one is answered",
            trigger: RENEW,
            expectUnloadPage: true,
            async run() {
                this.anchor.click();
                await new Promise((resolve) => setTimeout(resolve, 500));
                this.anchor.click();
            },
        },
        { content: "The password is shown", ...see(".o_clouder_secret .o_clouder_password") },
    ],
});

const CONFIRM = "#clouder_confirm_delete";

registry.category("web_tour.tours").add("clouder_website_portal", {
    steps: () => [
        press(".o_portal_my_home a[href='/my/instances']"),
        press(".o_clouder_instance a:contains(Shop of mine)"),
        see(".badge:contains(Running)"),
        ...pressed(".o_clouder_actions form[action$='/restart'] button"),
        tap(".o_clouder_job:first summary"),
        { content: "an ended job shows its log", ...see(".o_clouder_job:first .o_clouder_job_log:contains(third line)") },
        write(".o_clouder_title input", "A new title"),
        ...pressed(".o_clouder_title button"),
        see("h1:contains(A new title)"),
        tap(".o_clouder_domain_add summary"),
        write(".o_clouder_domain_add input[name=domain]", "https://www.Acme.test/"),
        ...pressed(".o_clouder_domain_add button"),
        see(".o_clouder_domain:contains(www.acme.test) code"),
        tap(".o_clouder_renew summary"),
        press(".o_clouder_renew button"),
        { content: "the password is shown", ...see(".o_clouder_secret .o_clouder_password:contains(/^[A-Za-z0-9]{24}$/)") },
        tap(".o_clouder_delete summary"),
        write(CONFIRM, "something else"),
        press(".o_clouder_delete button"),
        see(".o_clouder_error"),
        tap(".o_clouder_delete summary"),
        write(CONFIRM, "mine.example.test"),
        ...pressed(".o_clouder_delete button"),
        see(".badge:contains(Suspended)"),
        ...pressed(".o_clouder_going form[action$='/keep'] button"),
        { trigger: "body:not(:has(.o_clouder_going)) .badge:contains(Running)" },
    ],
});
