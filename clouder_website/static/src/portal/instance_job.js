import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

const PAUSE = 1500;
const PAUSE_AFTER_ERROR = 6000;
const MARKS = { done: "✓", failed: "✗", running: "…", pending: "·" };

/**
 * The steps and the log of one job of an instance. A live job is followed: asked again
 * and again for what came after the last line seen, so nothing is missed or doubled.
 */
export class InstanceJob extends Interaction {
    static selector = ".o_clouder_job";
    dynamicContent = {
        _root: { "t-on-toggle": this.onToggle },
    };

    setup() {
        this.offset = 0;
        this.asked = false;
        this.live = Boolean(this.el.dataset.live);
    }

    start() {
        if (this.live) {
            this.onToggle();
        }
    }

    onToggle() {
        if (this.el.open && !this.asked) {
            this.asked = true;
            this.ask();
        }
    }

    async ask() {
        let pause = PAUSE;
        try {
            const status = await this.waitFor(this.load());
            this.show(status);
            if (status.more) {
                pause = 0;
            } else if (status.ended) {
                return this.leave();
            }
        } catch {
            pause = PAUSE_AFTER_ERROR;
        }
        this.waitForTimeout(() => this.ask(), pause);
    }

    async load() {
        const response = await fetch(`${this.el.dataset.url}?offset=${this.offset}`);
        if (!response.ok) {
            throw new Error(`status ${response.status}`);
        }
        return response.json();
    }

    show(status) {
        this.offset = status.offset;
        const find = (name) => this.el.querySelector(`.o_clouder_job_${name}`);
        const word = find("word");
        word.textContent = status.word;
        word.className = `o_clouder_job_word badge rounded-pill o_clouder_mark_${status.colour}`;
        const bar = find("bar");
        if (bar) {
            bar.style.width = `${status.progress}%`;
        }
        const error = find("error");
        error.textContent = status.error;
        error.classList.toggle("d-none", !status.error);
        find("steps").replaceChildren(...status.steps.map((step) => this.step(step)));
        this.write(find("log"), status.lines);
    }

    step({ name, state }) {
        const item = document.createElement("li");
        item.className = state === "running" ? "fw-bold" : state === "pending" ? "text-muted" : "";
        item.textContent = `${MARKS[state]} ${name}`;
        return item;
    }

    write(log, lines) {
        if (!lines.length) {
            return;
        }
        log.classList.remove("d-none");
        const atEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 4;
        for (const { time, level, text } of lines) {
            const line = document.createElement("div");
            line.className = level === "error" ? "text-danger-emphasis" : "";
            const clock = new Date(time.replace(" ", "T")).toLocaleTimeString();
            line.textContent = `${clock}  ${text}`;
            log.append(line);
        }
        if (atEnd) {
            log.scrollTop = log.scrollHeight;
        }
    }

    /** Show the page as it is after a job that was followed, unless that loses something. */
    leave() {
        const typing = document.activeElement?.closest("form");
        if (this.live && !typing && !document.querySelector(".o_clouder_secret")) {
            window.location.assign(this.el.dataset.page);
        }
    }
}

registry.category("public.interactions").add("clouder_website.instance_job", InstanceJob);
