import { registry } from "@web/core/registry";

/** The steps of pressing a button whose job is followed until the page shows its end. */
function pressed(button) {
    return [
        { content: `press ${button}`, trigger: button, run: "click", expectUnloadPage: true },
        { trigger: ".o_clouder_done" },
        { content: "the log is live", trigger: ".o_clouder_job[data-live] .o_clouder_job_log:contains(second line)" },
        { trigger: ".o_clouder_job[data-live] .o_clouder_job_steps li.fw-bold", expectUnloadPage: true },
        { content: "the page shows the end", trigger: "#clouder_instance_main:not(:has([data-live]))" },
        { trigger: ".o_clouder_job:first .o_clouder_job_word:contains(Done)" },
    ];
}

/** Nothing is wider than the window. */
function fits() {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) {
        throw new Error(`${scrollWidth} pixels wide in a window of ${clientWidth}`);
    }
}

const CONFIRM = "#clouder_confirm_delete";

registry.category("web_tour.tours").add("clouder_website_portal", {
    steps: () => [
        { trigger: ".o_portal_my_home a[href='/my/instances']", run: "click", expectUnloadPage: true },
        { trigger: ".o_clouder_instance a:contains(Shop of mine)", run: "click", expectUnloadPage: true },
        { trigger: ".badge:contains(Running)", run: fits },
        ...pressed(".o_clouder_actions form[action$='/restart'] button"),
        { trigger: ".o_clouder_job:first summary", run: "click" },
        { content: "an ended job shows its log", trigger: ".o_clouder_job:first .o_clouder_job_log:contains(third line)" },
        { trigger: ".o_clouder_title input", run: "edit A new title" },
        ...pressed(".o_clouder_title button"),
        { trigger: "h1:contains(A new title)" },
        { trigger: ".o_clouder_domain_add summary", run: "click" },
        { trigger: ".o_clouder_domain_add input[name=domain]", run: "edit https://www.Acme.test/" },
        ...pressed(".o_clouder_domain_add button"),
        { trigger: ".o_clouder_domain:contains(www.acme.test) code" },
        { trigger: ".o_clouder_renew summary", run: "click" },
        { trigger: ".o_clouder_renew button", run: "click", expectUnloadPage: true },
        { content: "the password is shown", trigger: ".o_clouder_secret .o_clouder_password:contains(/^[A-Za-z0-9]{24}$/)" },
        { trigger: ".o_clouder_delete summary", run: "click" },
        { trigger: CONFIRM, run: "edit something else" },
        { trigger: ".o_clouder_delete button", run: "click", expectUnloadPage: true },
        { trigger: ".o_clouder_error" },
        { trigger: ".o_clouder_delete summary", run: "click" },
        { trigger: CONFIRM, run: "edit mine.example.test" },
        ...pressed(".o_clouder_delete button"),
        { trigger: ".badge:contains(Suspended)" },
        ...pressed(".o_clouder_going form[action$='/keep'] button"),
        { trigger: "body:not(:has(.o_clouder_going)) .badge:contains(Running)" },
    ],
});
