import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const LOG = ".o_clouder_job_log";
const LINES = `${LOG} .o_clouder_job_lines`;

/** Choose a record in the field ``name`` of the form. */
function choose(name, text) {
    const field = `.o_field_widget[name='${name}']`;
    return [
        { content: `Type ${text}`, trigger: `${field} input`, run: `edit ${text}` },
        {
            content: `Choose ${text}`,
            trigger: `${field} .o-autocomplete--dropdown-item > a:contains(${text})`,
            run: "click",
        },
        { trigger: `${field}:not(:has(.o-autocomplete--dropdown-item)) input:value(${text})` },
    ];
}

let watched;

/** Note what the page shows as time passes; a page that is loaded anew has no notes. */
function watch() {
    const notes = { states: new Set(), progress: new Set(), lines: new Set(), told: 0 };
    const note = (set, selector, value) => {
        const element = document.querySelector(selector);
        if (element) {
            set.add(value(element));
        }
    };
    const text = (element) => element.textContent.trim();
    const bus = odoo.__WOWL_DEBUG__.root.env.services.bus_service;
    bus.subscribe("clouder.job/changed", () => notes.told++);
    new MutationObserver(() => {
        note(notes.states, ".o_statusbar_status .o_arrow_button_current", text);
        note(notes.progress, `${LOG} .o_clouder_job_progress`, text);
        note(notes.lines, LINES, (element) => element.childElementCount);
    }).observe(document.body, { childList: true, subtree: true, characterData: true });
    watched = notes;
}

function checkWatched() {
    const { states, progress, lines, told } = watched;
    const seen = `${[...states]}; ${[...progress]}; ${[...lines]} lines; told ${told} times`;
    const moved = progress.size >= 5 && lines.size >= 3 && told >= 5;
    if (!moved || !states.has("Deploying")) {
        throw new Error(`It did not move before the eyes of the user: ${seen}`);
    }
    console.log(`Seen live: ${seen}`);
}

const createBase = [
    {
        content: "Open Clouder",
        trigger: ".o_app[data-menu-xmlid='clouder.clouder_menu'], .o_navbar_apps_menu button",
        run: "click",
    },
    {
        content: "Choose it in the menu of applications",
        trigger: ".o-dropdown-item[data-menu-xmlid='clouder.clouder_menu'], .o_menu_brand:contains(Clouder)",
        run: "click",
    },
    {
        content: "Open the operations",
        trigger: "button[data-menu-xmlid='clouder.clouder_operations_menu']",
        run: "click",
    },
    {
        content: "Open the bases",
        trigger: ".dropdown-item[data-menu-xmlid='clouder.clouder_base_menu']",
        run: "click",
    },
    {
        content: "The empty page says what a base is",
        trigger: ".o_view_nocontent:contains(Create a base)",
    },
    { content: "Make one", trigger: ".o_list_button_add", run: "click" },
    { trigger: ".o_form_view .o_field_widget[name='application_id']", run: watch },
    ...choose("application_id", "Shop"),
    {
        content: "The service was filled in",
        trigger: ".o_field_widget[name='service_id'] input:value(shop)",
    },
    {
        content: "Give it a name",
        trigger: ".o_field_widget[name='name'] input",
        run: "edit tour",
    },
    ...choose("domain_id", "example.test"),
    ...choose("environment_id", "Test"),
    {
        content: "Give it a title",
        trigger: ".o_field_widget[name='title'] input",
        run: "edit The tour",
    },
    {
        content: "Saving deploys it",
        trigger: ".o_form_button_save:enabled",
        run: "click",
    },
    {
        content: "The log is there, and its bar",
        trigger: `${LOG} .progress-bar`,
    },
];

tours.add("clouder_deploy_base", {
    steps: () => [
        ...createBase,
        {
            content: "Lines come while it works",
            trigger: `${LINES} div:contains(The driver works on tour.example.test)`,
        },
        {
            content: "It runs in the end, without a reload",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Running)",
        },
        { trigger: LOG, run: checkWatched },
        { trigger: `${LOG}[data-state='done'] .bg-success` },
        { trigger: "button[name='action_open_url']" },
    ],
});

tours.add("clouder_retry_base", {
    steps: () => [
        ...createBase,
        {
            content: "It fails, and the form says so by itself",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Failed)",
        },
        { trigger: `${LOG}[data-state='failed'] .bg-danger` },
        {
            content: "Why, in one sentence",
            trigger: ".alert-danger .o_field_widget[name='error']:contains(configure)",
        },
        {
            content: "The details are folded away",
            trigger: ".alert-danger details:not([open]) summary",
            run: "click",
        },
        {
            trigger:
                ".alert-danger details[open] .o_field_widget[name='error_detail']:contains(the disk of the tour is full)",
        },
        {
            content: "Retry",
            trigger: ".o_statusbar_buttons button:contains(Retry)",
            run: "click",
        },
        {
            content: "This time it runs",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Running)",
        },
        { trigger: ".o_form_sheet:not(:has(.alert-danger))" },
    ],
});
