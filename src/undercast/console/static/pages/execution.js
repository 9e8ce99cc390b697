// One execution: the workflow as a graph with how far it came, beside it a timeline, a state, the events, the definition.
import { html, useMemo, useRef } from "../html.js";
import { cli, json } from "../aws.js";
import { useLive } from "../changes.js";
import { allStates, parsed } from "../model/definition.js";
import { absolute } from "../model/format.js";
import { reduced } from "../model/history.js";
import { go, to, usePlace, withQuery } from "../place.js";
import { Action, Problem, SameAs } from "../parts/cli.js";
import { Events } from "../parts/events.js";
import { Graph } from "../parts/graph.js";
import { Json, Payload } from "../parts/json.js";
import { Head } from "../parts/shell.js";
import { Parent, countsOfRun } from "../parts/maprun.js";
import { Cause, State } from "../parts/state.js";
import { Status, lookOf } from "../parts/status.js";
import { Ago, Took } from "../parts/time.js";
import { Timeline } from "../parts/timeline.js";

const SIDES = [["timeline", "Timeline"], ["state", "State"], ["data", "Input, output"], ["events", "Events"], ["definition", "Definition"]];

export function Execution({ machine, name }) {
  const place = usePlace();
  const arn = `arn:aws:states:${place.region}:${place.account}:execution:${machine}:${name}`;
  const kept = useRef(null);
  if (kept.current?.arn !== arn) kept.current = { arn, events: [], base: 0, token: undefined };
  const { value, error } = useLive(() => read(arn, kept.current), [arn], { services: ["stepfunctions"] });
  const crumbs = [["Overview", to([])], ["State machines", to(["stepfunctions"])], [machine.split("/")[0], to(["stepfunctions", machine.split("/")[0]])]];
  if (error && !value) return html`<${Head} crumbs=${crumbs} title=${name} mono /><${Problem} error=${error} />`;
  if (!value || value.execution.executionArn !== arn) return html`<${Head} crumbs=${crumbs} title=${name} mono />`;
  return html`<${Explained} key=${arn} value=${value} crumbs=${crumbs} machine=${machine} name=${name} query=${place.query} />`;
}

/** What it is, what it says and what happened, of which only the last page is read again. */
async function read(arn, kept) {
  const [execution, machine] = await Promise.all([
    json("stepfunctions", "DescribeExecution", { executionArn: arn }),
    kept.machine ?? json("stepfunctions", "DescribeStateMachineForExecution", { executionArn: arn }),
  ]);
  kept.machine = machine;
  for (;;) {
    const page = await json("stepfunctions", "GetExecutionHistory", { executionArn: arn, maxResults: 1000, includeExecutionData: true, ...(kept.token ? { nextToken: kept.token } : {}) });
    kept.events = [...kept.events.slice(0, kept.base), ...page.events];
    if (!page.nextToken) break;
    kept.base = kept.events.length;
    kept.token = page.nextToken;
  }
  return { execution, machine, events: kept.events, runs: await mapRuns(kept) };
}

/** The counts of distributed Maps, which the history does not have: {arn: {counts, total}}. */
async function mapRuns(kept) {
  const arns = kept.events.filter((event) => event.type === "MapRunStarted").map((event) => event.mapRunStartedEventDetails.mapRunArn);
  const runs = await Promise.all(arns.slice(-20).map((mapRunArn) => json("stepfunctions", "DescribeMapRun", { mapRunArn })));
  return Object.fromEntries(runs.map((run) => [run.mapRunArn, countsOfRun(run)]));
}

function Explained({ value, crumbs, machine, name, query }) {
  const { execution, events } = value;
  const story = useMemo(() => reduced(events, value.runs), [events, value.runs]);
  const level = useMemo(() => parsed(value.machine.definition), [value.machine.definition]);
  const states = useMemo(() => (level ? allStates(level).map(({ state }) => state) : []), [level]);
  const chosen = states.find((state) => state.name === query.state);
  const item = itemOf(query.item);
  const choose = (state, newItem, visit) => go(withQuery({
    state, side: "state", visit, event: "", ...(newItem === undefined ? {} : { item: newItem ? `${newItem.map}:${newItem.index}` : "" }),
  }), { replace: query.side === "state" });
  const parts = { story, chosen: query.state, item, choose };
  return html`<${Head} crumbs=${crumbs} title=${name} mono actions=${html`<${Actions} execution=${execution} story=${story} machine=${machine} name=${name} />`}>
      <${Status} look=${lookOf(execution.status)} word=${execution.status === "TIMED_OUT" ? "Timed out" : undefined} /><//>
    ${lookOf(execution.status) === "failed" && html`<${Failure} execution=${execution} story=${story} choose=${choose} />`}
    <${Facts} execution=${execution} story=${story} />
    <div class="work"><section class="card" aria-label="Workflow">${level ? html`<${Graph} level=${level} ...${parts} />` : html`<p class="pane wrong">The definition is not JSON.</p>`}</section>
      <${Beside} side=${query.side ?? "timeline"} value=${value} state=${chosen} query=${query} machine=${machine} parts=${parts} /></div>
    <${SameAs} command=${cli("stepfunctions", "GetExecutionHistory", { executionArn: execution.executionArn })} />`;
}

function Beside({ side, value, state, query, machine, parts }) {
  const { execution, events } = value;
  const show = (key) => go(withQuery({ side: key === "timeline" ? "" : key }), { replace: true });
  return html`<section class="card beside" aria-label="Details"><div class="tabs" role="tablist">${SIDES.map(([key, title]) => html`<button type="button" role="tab" aria-selected=${side === key} onClick=${() => show(key)}>${title}</button>`)}</div>
    ${side === "timeline" && html`<div class="pane"><${Timeline} ...${parts} /></div>`}
    ${side === "state" && (state ? html`<${State} state=${state} story=${parts.story} item=${parts.item} visitId=${Number(query.visit)} choose=${parts.choose} machine=${machine} />` : html`<p class="pane quiet">Click a state of the graph, or walk through them with <kbd>j</kbd> and <kbd>k</kbd>.</p>`)}
    ${side === "data" && html`<div class="pane"><${Payload} title="Output" text=${execution.output} /><${Payload} title="Input" text=${execution.input} /></div>`}
    ${side === "events" && html`<${Events} events=${events} story=${parts.story} focus=${Number(query.event) || 0} choose=${parts.choose} />`}
    ${side === "definition" && html`<div class="pane"><${Json} text=${value.machine.definition} marked=${query.state ?? ""} /></div>`}</section>`;
}

/** Where and why: what a person wants to see first. */
function Failure({ execution, story, choose }) {
  const last = story.failure?.visit;
  const visit = story.failure?.origin;
  const error = execution.error ?? story.failure?.error;
  return html`<div class="note failed" role="alert"><div><strong>${error || (execution.status === "TIMED_OUT" ? "It took longer than it may" : "Failed")}</strong>
    ${visit && html` in <button type="button" class="link mono" onClick=${() => choose(visit.state, itemAround(visit), visit.id)}>${visit.state}</button>${visit.iteration !== null && html` <span class="quiet">(item ${visit.iteration})</span>`}`}
      ${last && last !== visit && html`, which led to <button type="button" class="link mono" onClick=${() => choose(last.state, undefined, last.id)}>${last.state}</button>`}</div>
    <${Cause} text=${execution.cause ?? story.failure?.cause} /></div>`;
}

function itemAround(visit) {
  return visit.iteration === null ? undefined : { map: visit.parent.state, index: visit.iteration };
}

function Facts({ execution, story }) {
  const started = execution.startDate * 1000;
  const stopped = execution.stopDate ? execution.stopDate * 1000 : null;
  return html`<dl class="facts">
    <div><dt>Started</dt><dd title=${absolute(started)}><${Ago} at=${started} /></dd></div>
    <div><dt>Took</dt><dd><${Took} from=${started} until=${stopped} /></dd></div>
    <div><dt>States entered</dt><dd>${story.visits.length.toLocaleString("en")}</dd></div>
    <div><dt>Events</dt><dd><a class="link" href=${withQuery({ side: "events" })}>${story.events?.toLocaleString("en") ?? ""}</a></dd></div>
    ${execution.mapRunArn && html`<div><dt>Item of</dt><dd><${Parent} mapRunArn=${execution.mapRunArn} /></dd></div>`}
    ${execution.redriveCount > 0 && html`<div><dt>Redriven</dt><dd>${execution.redriveCount}×, <${Ago} at=${execution.redriveDate * 1000} /></dd></div>`}
  </dl>`;
}

function Actions({ execution, story, machine, name }) {
  const arn = execution.executionArn;
  const where = story.failure?.visit?.state;
  const redrivable = execution.redriveStatus === "REDRIVABLE";
  return html`
    ${execution.status === "RUNNING" && html`<${Action} label="Stop" command=${cli("stepfunctions", "StopExecution", { executionArn: arn })} run=${() => json("stepfunctions", "StopExecution", { executionArn: arn })} />`}
    ${redrivable && html`<${Action} main label=${where ? `Redrive from ${where}` : "Redrive"} title="Goes on from what failed; what succeeded is not done again" command=${cli("stepfunctions", "RedriveExecution", { executionArn: arn })} run=${() => json("stepfunctions", "RedriveExecution", { executionArn: arn })} />`}
    ${execution.status !== "RUNNING" && execution.redriveStatusReason && !redrivable && execution.status !== "SUCCEEDED" && html`<span class="quiet small">${execution.redriveStatusReason}</span>`}
    ${!machine.includes("/") && html`<a class="button" href=${to(["stepfunctions", machine, "start"], { like: name })}>Start one like it</a>`}`;
}

/** `map:index` of the address. */
function itemOf(text) {
  const cut = text?.lastIndexOf(":") ?? -1;
  return cut < 0 ? null : { map: text.slice(0, cut), index: Number(text.slice(cut + 1)) };
}
