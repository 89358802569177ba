import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";
import {
    ConnectionAbortedError,
    ConnectionLostError,
    RPCError,
    rpc,
} from "@web/core/network/rpc";

const PAUSE = 300;
// After a look that got no answer, as on a train; twice as long after each further one.
const AGAIN = 3000;
const LONGEST = 60000;
const UNANSWERED = [ConnectionLostError, ConnectionAbortedError];
const CLASSES = {
    free: ["is-valid", "text-success"],
    taken: ["is-invalid", "text-danger"],
    invalid: ["is-invalid", "text-danger"],
};

/**
 * Says, while somebody types, whether the name of the instance can be had.
 */
export class OrderForm extends Interaction {
    static selector = "form.o_clouder_order";
    dynamicContent = {
        "[name=name]": { "t-on-input": this.debounced(this.look, PAUSE) },
        "[name=domain]": { "t-on-change": this.look },
    };

    setup() {
        this.asked = 0;
        this.pause = AGAIN;
        this.name = this.el.querySelector("[name=name]");
        this.message = this.el.querySelector(".o_clouder_name_message");
        this.hint = this.message.textContent;
    }

    start() {
        if (this.name.value && !this.name.classList.contains("is-invalid")) {
            this.look();
        }
    }

    look() {
        this.pause = AGAIN;
        return this.ask();
    }

    async ask() {
        const small = this.name.value.trim().toLowerCase();
        const asked = ++this.asked;
        if (!small) {
            this.show("", this.hint);
            return;
        }
        const answer = await this.waitFor(this.check(small)).catch(this.failed);
        // An answer to what was typed before is of no use any more.
        if (asked !== this.asked) {
            return;
        }
        this.show(answer.state, answer.message || this.hint);
        if (answer.lost) {
            this.waitForTimeout(() => asked === this.asked && this.ask(), this.pause);
            this.pause = Math.min(2 * this.pause, LONGEST);
        }
    }

    /**
     * An answered error shows the hint alone: the order itself is checked once more.
     */
    failed(error) {
        const lost = UNANSWERED.some((kind) => error instanceof kind);
        if (!lost && !(error instanceof RPCError)) {
            throw error;
        }
        return { lost };
    }

    check(name) {
        return rpc("/instances/check", {
            code: this.el.dataset.code,
            name,
            domain: this.el.querySelector("[name=domain]")?.value || "",
        });
    }

    show(state, message) {
        const [input, text] = CLASSES[state] || ["", "text-muted"];
        this.name.classList.remove("is-valid", "is-invalid");
        this.message.classList.remove("text-success", "text-danger", "text-muted");
        if (input) {
            this.name.classList.add(input);
        }
        this.message.classList.add(text);
        this.message.textContent = message;
        this.el.dataset.nameState = state || "";
    }
}

registry.category("public.interactions").add("clouder_website.order_form", OrderForm);
