import { Component, onWillStart, onWillUnmount, onWillUpdateProps, useEffect, useRef, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const ENDED = ["done", "failed", "cancelled"];

/**
 * The live log and progress of a job.
 *
 * On a form of a job it shows that job; on any other form the field is a many2one to
 * a job. The bus only says that something is new: the lines are fetched from the last
 * one seen, so nothing is lost or shown twice when the connection was away.
 */
export class JobLogField extends Component {
    static template = "clouder.JobLogField";
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.bus = useService("bus_service");
        this.state = useState({ lines: [], progress: 0, step: "", jobState: "" });
        this.scroller = useRef("scroller");
        this.jobId = false;
        this.onChanged = (payload) => {
            if (payload.id === this.jobId) {
                this.fetch();
            }
        };
        this.bus.subscribe("clouder.job/changed", this.onChanged);
        onWillStart(() => this.follow(this.wantedId(this.props)));
        onWillUpdateProps((next) => this.follow(this.wantedId(next)));
        onWillUnmount(() => {
            this.bus.unsubscribe("clouder.job/changed", this.onChanged);
            this.leave();
        });
        useEffect(
            () => {
                const el = this.scroller.el;
                if (el) {
                    el.scrollTop = el.scrollHeight;
                }
            },
            () => [this.state.lines.length]
        );
    }

    wantedId(props) {
        const { record, name } = props;
        if (record.resModel === "clouder.job") {
            return record.resId;
        }
        const value = record.data[name];
        return value ? value.id : false;
    }

    async follow(jobId) {
        if (jobId === this.jobId) {
            return this.jobId ? this.fetch() : undefined;
        }
        this.leave();
        this.jobId = jobId;
        Object.assign(this.state, { lines: [], progress: 0, step: "", jobState: "" });
        if (jobId) {
            this.bus.addChannel(`clouder.job_${jobId}`);
            this.bus.start();
            await this.fetch();
        }
    }

    leave() {
        if (this.jobId) {
            this.bus.deleteChannel(`clouder.job_${this.jobId}`);
            this.jobId = false;
        }
    }

    /** One fetch at a time; a change that comes meanwhile asks for one more. */
    async fetch() {
        if (this.fetching) {
            this.again = true;
            return;
        }
        this.fetching = true;
        try {
            do {
                this.again = false;
                await this.fetchOnce(this.jobId);
            } while (this.again && this.jobId);
        } finally {
            this.fetching = false;
        }
    }

    async fetchOnce(jobId) {
        const last = this.state.lines.at(-1);
        const [lines, status] = await Promise.all([
            this.orm.call("clouder.job", "log", [[jobId]], { offset: last ? last.id : 0 }),
            this.orm.call("clouder.job", "status", [[jobId]]),
        ]);
        if (jobId !== this.jobId) {
            return;
        }
        this.state.lines.push(...lines);
        const ended = !ENDED.includes(this.state.jobState) && ENDED.includes(status.state);
        const followed = this.state.jobState !== "";
        Object.assign(this.state, {
            progress: status.progress,
            step: status.step,
            jobState: status.state,
        });
        if (ended && followed && !(await this.props.record.isDirty())) {
            await this.props.record.load();
        }
    }

    get barClass() {
        return {
            done: "bg-success",
            failed: "bg-danger",
            cancelled: "bg-secondary",
        }[this.state.jobState] || "progress-bar-striped progress-bar-animated";
    }

    lineClass(line) {
        return { error: "text-danger", warning: "text-warning", output: "text-muted" }[line.level] || "";
    }
}

registry.category("fields").add("clouder_job_log", {
    component: JobLogField,
    supportedTypes: ["one2many", "many2one"],
});
