import { Component, onWillDestroy, onWillStart, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const LOOK_AGAIN_MS = 10000;
const BOX = { width: 210, height: 54, gapX: 90, gapY: 22, margin: 40 };

/**
 * Draws what services and bases depend on: boxes in columns, arrows for links.
 *
 * The colour is the state; a box opens its record. The server says which box stands in
 * which column, so that every arrow leads to the right.
 */
export class DependencyGraph extends Component {
    static template = "clouder.DependencyGraph";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ nodes: [], edges: [], hidden: 0, width: 0, height: 0 });
        this.legend = [
            ["running", _t("runs, works")],
            ["deploying", _t("is being deployed")],
            ["draft", _t("waits, or is not deployed")],
            ["failed", _t("failed, broken")],
            ["stopped", _t("stopped, suspended, withdrawn")],
        ];
        const timer = browser.setInterval(() => this.load(), LOOK_AGAIN_MS);
        onWillDestroy(() => browser.clearInterval(timer));
        onWillStart(() => this.load());
    }

    get target() {
        const { params = {}, context = {} } = this.props.action;
        return {
            model: params.model || context.active_model,
            resId: params.res_id || context.active_id,
        };
    }

    async load() {
        const { model, resId } = this.target;
        const graph = await this.orm.call(model, "dependency_graph", [[resId]]);
        Object.assign(this.state, this.place(graph));
    }

    /** Give each box its place and each arrow its path. */
    place(graph) {
        const rows = [];
        const places = {};
        const nodes = graph.nodes.map((node) => {
            const row = (rows[node.column] = (rows[node.column] || 0) + 1);
            const x = BOX.margin + node.column * (BOX.width + BOX.gapX);
            const y = BOX.margin + (row - 1) * (BOX.height + BOX.gapY);
            places[node.id] = { x, y };
            return { ...node, x, y };
        });
        const edges = graph.edges.map((edge, index) => ({
            ...edge,
            index,
            ...this.route(places[edge.source], places[edge.target]),
        }));
        return {
            nodes,
            edges,
            hidden: graph.hidden,
            width: BOX.margin * 2 + rows.length * (BOX.width + BOX.gapX),
            height: BOX.margin * 2 + Math.max(1, ...rows) * (BOX.height + BOX.gapY),
        };
    }

    route(from, to) {
        const x1 = from.x + BOX.width;
        const y1 = from.y + BOX.height / 2;
        const x2 = to.x;
        const y2 = to.y + BOX.height / 2;
        const bend = Math.max(40, (x2 - x1) / 2);
        // An arrow over several columns passes above the boxes between them.
        const lift = x2 - x1 > BOX.width ? BOX.height * 1.2 : 0;
        return {
            path: `M${x1},${y1} C${x1 + bend},${y1 - lift} ${x2 - bend},${y2 - lift} ${x2},${y2}`,
            labelX: (x1 + x2) / 2,
            labelY: (y1 + y2) / 2 - lift * 0.75 - 4,
        };
    }

    /** Return as much of a text as fits into a box. */
    short(text, room) {
        return text.length > room ? `${text.slice(0, room - 1)}…` : text;
    }

    open(node) {
        if (node.res_id) {
            this.action.doAction({
                type: "ir.actions.act_window",
                res_model: node.model,
                res_id: node.res_id,
                views: [[false, "form"]],
            });
        }
    }

    onKeydown(event, node) {
        if (event.key === "Enter" || event.key === " ") {
            event.preventDefault();
            this.open(node);
        }
    }
}

registry.category("actions").add("clouder.dependency_graph", DependencyGraph);
