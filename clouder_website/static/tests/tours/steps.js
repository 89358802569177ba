/** Nothing is wider than the window. */
function fits() {
    for (const box of document.querySelectorAll("html, #wrapwrap")) {
        if (box.scrollWidth > box.clientWidth) {
            throw new Error(`${box.scrollWidth} pixels wide in a window of ${box.clientWidth}`);
        }
    }
}

/** A finger on the middle of the element meets it: nothing lies over it. */
function meets(element) {
    element.scrollIntoView({ block: "center", behavior: "instant" });
    const { left, top, width, height } = element.getClientRects()[0];
    const met = document.elementFromPoint(left + width / 2, top + height / 2);
    if (!element.contains(met)) {
        throw new Error(`${met?.outerHTML} lies where ${element.outerHTML} is`);
    }
}

/** The step of seeing something, on a page that fits the window. */
export function see(trigger) {
    return {
        trigger,
        run() {
            fits();
            meets(this.anchor);
        },
    };
}

/** The step of writing a text into an input. */
export function write(trigger, text) {
    return {
        trigger,
        async run({ edit }) {
            meets(this.anchor);
            await edit(text);
        },
    };
}

/** The step of pressing something. */
export function tap(trigger) {
    return {
        trigger,
        async run({ click }) {
            fits();
            meets(this.anchor);
            await click();
        },
    };
}

/** The step of pressing what leads to another page. */
export function press(trigger) {
    return { ...tap(trigger), expectUnloadPage: true };
}
