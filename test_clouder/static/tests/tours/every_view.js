/**
 * Opens every menu it is given, every view of its action, a record and a new record,
 * and chooses each filter and grouping: in the first view, the others share its search. A console error or a dialog of an error fails
 * the test that called it.
 */
const LIMIT_MS = 20000;
const PAUSE_MS = 30;
const SEARCH = ".o_searchview_dropdown_toggler";
const CHOICES =
    ".o_filter_menu .o_menu_item:not(.o_add_custom_filter), " +
    ".o_group_by_menu .o_menu_item:not(.o_add_custom_group_menu)";

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const all = (selector) => [...document.querySelectorAll(selector)];

async function until(what, look) {
    const end = Date.now() + LIMIT_MS;
    for (;;) {
        const dialog = document.querySelector(".o_error_dialog");
        if (dialog) {
            throw new Error(`${what}: ${dialog.textContent.trim().slice(0, 800)}`);
        }
        const found = look();
        if (found) {
            return found;
        }
        if (Date.now() > end) {
            throw new Error(`${what}: waited ${LIMIT_MS} ms in vain`);
        }
        await pause(PAUSE_MS);
    }
}

async function shown(what, view) {
    await until(what, () => document.querySelector(`.o_action_manager .o_${view}_view`));
    await pause(PAUSE_MS);
    await until(what, () => !document.querySelector(".o_blockUI, .o_loading_indicator"));
}

async function openSearch(what) {
    if (!document.querySelector(".o_search_bar_menu")) {
        document.querySelector(SEARCH).click();
        await until(what, () => document.querySelector(".o_search_bar_menu"));
    }
}

/** Open what is folded: a filter on a date and a grouping by one have options. */
async function unfold() {
    for (const folded of all(".o_search_bar_menu .o_accordion_toggle:not(.open)")) {
        folded.click();
        await pause(PAUSE_MS);
    }
}

async function everyChoice(what, view) {
    if (!document.querySelector(SEARCH)) {
        return 0;
    }
    await openSearch(what);
    await unfold();
    const names = all(CHOICES).map((item) => item.textContent.trim());
    for (const [index, name] of names.entries()) {
        for (const turn of ["on", "off"]) {
            await openSearch(what);
            all(CHOICES)[index].click();
            await pause(PAUSE_MS);
            await shown(`${what}, ${name} ${turn}`, view);
        }
    }
    document.querySelector(SEARCH).click();
    return names.length;
}

async function everyTab(what) {
    for (const tab of all(".o_notebook_headers .nav-link")) {
        tab.click();
        await shown(`${what}, tab ${tab.textContent}`, "form");
    }
}

async function visit(page, services) {
    const { action, menu } = services;
    let count = 0;
    await menu.selectMenu(page.menu);
    const first = page.views[0] || "form";
    await shown(page.title, first);
    for (const view of page.views) {
        const what = `${page.title}, ${view}`;
        await action.doAction(page.action, { viewType: view, clearBreadcrumbs: true });
        await shown(what, view);
        count += 1;
        if (page.search && view === first) {
            count += await everyChoice(what, view);
        }
    }
    const records = page.form ? [page.record, ...(page.create ? [false] : [])] : [];
    for (const resId of records) {
        const what = `${page.title}, ${resId ? "a record" : "a new record"}`;
        await action.doAction(page.action, {
            viewType: "form",
            props: { resId },
            clearBreadcrumbs: true,
        });
        await shown(what, "form");
        await everyTab(what);
        count += 1;
    }
    return count;
}

/**
 * A browser opens connections ahead; during tests, Odoo closes those that are not used
 * for five seconds. A request that is sent at this very moment is lost, and not repeated.
 */
async function visitTwice(page, services) {
    try {
        return await visit(page, services);
    } catch (error) {
        if (error.constructor.name !== "ConnectionLostError") {
            throw error;
        }
        return visit(page, services);
    }
}

odoo.clouderEveryView = async function (pages) {
    const services = odoo.__WOWL_DEBUG__.root.env.services;
    let count = 0;
    for (const page of pages) {
        try {
            count += await visitTwice(page, services);
        } catch (error) {
            console.error(`${page.title}: ${error.message}`);
            return;
        }
    }
    console.log(`${pages.length} menus, ${count} views and searches were opened`);
    console.log("test successful");
};
