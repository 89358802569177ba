import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

const BUSY = ["confirmed", "deploying"];
const FIRST_PAUSE = 700;
const LONGEST_PAUSE = 5000;

/**
 * Shows the steps of the job that makes an instance, until it has ended.
 */
export class OrderProgress extends Interaction {
    static selector = ".o_clouder_progress";

    setup() {
        this.pause = FIRST_PAUSE;
        this.steps = this.el.querySelector(".o_clouder_steps");
    }

    start() {
        this.lookLater();
    }

    lookLater() {
        if (BUSY.includes(this.el.dataset.state)) {
            this.waitForTimeout(() => this.look(), this.pause);
        }
    }

    async look() {
        const answer = await this.waitFor(this.ask());
        if (answer) {
            this.pause = FIRST_PAUSE;
            this.show(answer);
        } else {
            // The server is not there at the moment: it is asked again, less often.
            this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
        }
        this.lookLater();
    }

    async ask() {
        try {
            const response = await fetch(`${this.el.dataset.address}/state`, {
                cache: "no-store",
            });
            return response.ok ? await response.json() : null;
        } catch {
            return null;
        }
    }

    show(progress) {
        const bar = this.el.querySelector(".progress");
        bar.setAttribute("aria-valuenow", progress.progress);
        bar.firstElementChild.style.width = `${progress.progress}%`;
        this.showSteps(progress.steps);
        for (const error of this.el.querySelectorAll(".o_clouder_error")) {
            error.textContent = progress.error;
        }
        const delay = this.el.querySelector(".o_clouder_delay");
        delay.textContent = progress.delay;
        delay.hidden = !progress.delay;
        const link = this.el.querySelector(".o_clouder_url");
        if (link && progress.url) {
            link.href = progress.url;
            link.textContent = progress.url;
        }
        this.el.querySelector(".o_clouder_enter").hidden = !progress.can_enter;
        this.el.querySelector(".o_clouder_retry").hidden = !progress.can_retry;
        this.el.dataset.state = progress.state;
    }

    showSteps(steps) {
        const items = steps.map((step) => {
            const item = document.createElement("li");
            item.className =
                "o_clouder_step list-group-item d-flex align-items-center gap-2";
            item.dataset.state = step.state;
            const icon = document.createElement("i");
            icon.className = "o_clouder_step_icon fa fa-fw";
            icon.setAttribute("aria-hidden", "true");
            const name = document.createElement("span");
            name.className = "o_clouder_step_name";
            name.textContent = step.name;
            item.append(icon, name);
            return item;
        });
        this.steps.replaceChildren(...items);
    }
}

registry
    .category("public.interactions")
    .add("clouder_website.order_progress", OrderProgress);
