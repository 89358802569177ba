import {
    Component,
    onWillDestroy,
    onWillStart,
    onWillUpdateProps,
    status,
    useEffect,
    useRef,
    useState,
} from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const ENDED = ["done", "failed", "cancelled"];
// The bus tells at once; this is for a browser whose websocket was away meanwhile.
const LOOK_AGAIN_MS = 20000;
const PAGE = 1000;
const begunJobs = new Set();

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
        this.state = useState({ lines: [], progress: 0, step: "", jobState: "", open: true });
        this.scroller = useRef("scroller");
        this.jobId = false;
        this.onChanged = (payload) => {
            if (payload.id === this.jobId) {
                this.fetch();
            }
        };
        this.bus.subscribe("clouder.job/changed", this.onChanged);
        const timer = browser.setInterval(() => {
            if (this.jobId && !ENDED.includes(this.state.jobState)) {
                this.fetch();
            }
        }, LOOK_AGAIN_MS);
        onWillStart(() => this.follow(this.wantedId(this.props)));
        onWillUpdateProps((next) => this.follow(this.wantedId(next)));
        onWillDestroy(() => {
            browser.clearInterval(timer);
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
            () => [this.state.lines.length, this.state.open]
        );
    }

    wantedId(props) {
        const { record, name } = props;
        if (this.isJob) {
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
        if (status(this) === "destroyed") {
            return;
        }
        if (this.fetching) {
            this.again = true;
            return;
        }
        this.fetching = true;
        try {
            do {
                this.again = false;
                await this.fetchOnce(this.jobId);
            } while (this.again && this.jobId && status(this) !== "destroyed");
        } finally {
            this.fetching = false;
        }
    }

    async fetchOnce(jobId) {
        const last = this.state.lines.at(-1);
        const [lines, now] = await Promise.all([
            this.orm.call("clouder.job", "log", [[jobId]], {
                offset: last ? last.id : 0,
                limit: PAGE,
            }),
            this.orm.call("clouder.job", "status", [[jobId]]),
        ]);
        if (jobId !== this.jobId) {
            return;
        }
        this.state.lines.push(...lines);
        this.again ||= lines.length >= PAGE;
        const before = this.state.jobState;
        if (!before) {
            this.state.open = this.isJob || now.state !== "done";
        }
        Object.assign(this.state, {
            progress: now.progress,
            step: now.step,
            jobState: now.state,
        });
        if (this.isNews(before, now.state) && !(await this.props.record.isDirty())) {
            await this.props.record.load();
        }
    }

    /** Whether the record has to follow its job: its state, its buttons, its error. */
    isNews(before, after) {
        if (before) {
            return before !== after;
        }
        // It may have begun after the record was read; once a job, for a load can
        // make this component anew.
        const begun = after === "running" && !begunJobs.has(this.jobId);
        begunJobs.add(this.jobId);
        return begun;
    }

    /** The log of a job that went well is out of the way, but on the job's own form. */
    get isJob() {
        return this.props.record.resModel === "clouder.job";
    }

    get barWidth() {
        // A job that failed in its first step would show no bar at all.
        return ENDED.includes(this.state.jobState) ? 100 : this.state.progress;
    }

    get stateLabel() {
        return (
            {
                done: _t("Done"),
                failed: _t("Failed: %s", this.state.step),
                cancelled: _t("Cancelled: %s", this.state.step),
            }[this.state.jobState] || this.state.step
        );
    }

    toggle() {
        this.state.open = !this.state.open;
    }

    get barClass() {
        return {
            done: "bg-success",
            failed: "bg-danger",
            cancelled: "bg-secondary",
        }[this.state.jobState] || "progress-bar-striped progress-bar-animated";
    }

    /** The server speaks UTC; people read the log in the time of their settings. */
    localTime(line) {
        return deserializeDateTime(line.time).toFormat("HH:mm:ss");
    }

    lineClass(line) {
        return { error: "text-danger", warning: "text-warning", output: "text-muted" }[line.level] || "";
    }
}

registry.category("fields").add("clouder_job_log", {
    component: JobLogField,
    supportedTypes: ["one2many", "many2one"],
});
