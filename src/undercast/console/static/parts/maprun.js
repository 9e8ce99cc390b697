// A distributed Map's run: its counts, its items as executions of their own.
import { html } from "../html.js";
import { cli, json } from "../aws.js";
import { useLive } from "../changes.js";
import { plural } from "../model/format.js";
import { to } from "../place.js";
import { CommandLine } from "./cli.js";
import { Glyph, Share, Status, lookOf } from "./status.js";

export function MapRun({ arn }) {
  const run = useLive(() => json("stepfunctions", "DescribeMapRun", { mapRunArn: arn }), [arn], { services: ["stepfunctions"] });
  const children = useLive(() => json("stepfunctions", "ListExecutions", { mapRunArn: arn, maxResults: 100 }), [arn], { services: ["stepfunctions"] });
  if (!run.value) return run.error ? html`<p class="wrong">${run.error.message}</p>` : null;
  const { itemCounts: items, status } = run.value;
  const { counts } = countsOfRun(run.value);
  return html`<section aria-label="Map run"><div class="row"><h3 class="grow">${plural(items.total, "item")} in child executions</h3><${Status} look=${lookOf(status)} /></div>
    <${Share} counts=${counts} total=${items.total || 1} />
    <p class="small quiet">${items.succeeded} succeeded, ${items.failed + items.timedOut} failed, ${items.running} running, ${items.pending} waiting for their turn</p>
    <div class="items">${(children.value?.executions ?? []).map((child) => html`<a key=${child.executionArn} class="row" data-row style=${{ padding: "4px 12px" }} href=${to(["stepfunctions", ...childPath(child)])}>
      <${Glyph} look=${lookOf(child.status)} /><span class="mono clip grow">${child.name}</span><span class="quiet small">${plural(child.itemCount ?? 1, "item")}</span></a>`)}</div>
    <${CommandLine} command=${cli("stepfunctions", "DescribeMapRun", { mapRunArn: arn })} /></section>`;
}

/** {counts, total} of what `DescribeMapRun` says, as a bar shows them. */
export function countsOfRun({ itemCounts: { total, succeeded, failed, timedOut, aborted, running } }) {
  return { counts: { succeeded, failed: failed + timedOut, stopped: aborted, running }, total };
}

/** A child's link to the execution that it is a part of. */
export function Parent({ mapRunArn }) {
  const { value } = useLive(() => json("stepfunctions", "DescribeMapRun", { mapRunArn }), [mapRunArn]);
  const [machine, name] = value?.executionArn.split(":").slice(6) ?? [];
  return name && html`<a class="link mono" href=${to(["stepfunctions", machine, "executions", name])}>${name}</a>`;
}

/** [machine, "executions", name] of a child: its ARN has the machine's name with the Map's label. */
function childPath(child) {
  const [machine, name] = child.executionArn.split(":").slice(6);
  return [machine, "executions", name];
}
