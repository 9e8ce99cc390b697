// One state machine: its executions, newest first, and its definition.
import { html, useMemo, useRef } from "../html.js";
import { cli, json } from "../aws.js";
import { useLive } from "../changes.js";
import { parsed } from "../model/definition.js";
import { plural } from "../model/format.js";
import { go, to, usePlace, withQuery } from "../place.js";
import { Problem, SameAs, Teach } from "../parts/cli.js";
import { Graph } from "../parts/graph.js";
import { Json } from "../parts/json.js";
import { Head } from "../parts/shell.js";
import { Glyph, Status, lookOf } from "../parts/status.js";
import { Ago, Took } from "../parts/time.js";

const PAGE = 50;
const STATUSES = [["", "All"], ["RUNNING", "Running"], ["SUCCEEDED", "Succeeded"], ["FAILED", "Failed"], ["TIMED_OUT", "Timed out"], ["ABORTED", "Stopped"]];

export function arnOf(name, { account, region }) {
  return `arn:aws:states:${region}:${account}:stateMachine:${name}`;
}

export function Machine({ name }) {
  const place = usePlace();
  const arn = arnOf(name, place);
  const { value: machine, error } = useLive(() => json("stepfunctions", "DescribeStateMachine", { stateMachineArn: arn }), [arn], { services: ["stepfunctions"] });
  const tab = place.query.tab ?? "executions";
  const crumbs = [["Overview", to([])], ["State machines", to(["stepfunctions"])]];
  if (error && !machine) return html`<${Head} crumbs=${crumbs} title=${name} mono /><${Problem} error=${error} />`;
  const tabs = [["executions", "Executions"], ["graph", "Graph"], ["definition", "Definition"]];
  return html`<${Head} crumbs=${crumbs} title=${name} mono actions=${html`<a class="button main" href=${to(["stepfunctions", name, "start"])}>Start an execution</a>`}>
      ${machine && html`<span class="quiet">${machine.type.toLowerCase()}</span>`}<//>
    <div class="card"><div class="tabs" role="tablist">${tabs.map(([key, title]) => html`<button type="button" role="tab" aria-selected=${tab === key} onClick=${() => go(withQuery({ tab: key === "executions" ? "" : key }))}>${title}</button>`)}</div>
      ${tab === "executions" && machine && (machine.type === "EXPRESS" ? html`<${Express} machine=${machine} />` : html`<${Executions} name=${name} arn=${arn} query=${place.query} />`)}
      ${tab === "graph" && machine && html`<${Drawing} definition=${machine.definition} />`}
      ${tab === "definition" && machine && html`<div class="pane"><${Json} text=${machine.definition} marked="" /></div>`}</div>
    <${SameAs} command=${tab === "executions" ? cli("stepfunctions", "ListExecutions", { stateMachineArn: arn, statusFilter: place.query.status }) : cli("stepfunctions", "DescribeStateMachine", { stateMachineArn: arn })} />`;
}

function Drawing({ definition }) {
  const level = useMemo(() => parsed(definition), [definition]);
  return level ? html`<${Graph} level=${level} story=${null} choose=${() => {}} />` : html`<p class="pane wrong">The definition is not JSON.</p>`;
}

function Express({ machine }) {
  const group = machine.loggingConfiguration?.destinations?.[0]?.cloudWatchLogsLogGroup?.logGroupArn?.split(":log-group:")[1]?.replace(/:\*$/, "");
  return html`<${Teach} command=${group ? cli("logs", "FilterLogEvents", { logGroupName: group }) : cli("stepfunctions", "StartSyncExecution", { stateMachineArn: machine.stateMachineArn, input: "{}" })}>
    Express executions are not kept, as on AWS. ${group ? "This machine writes them to its log group:" : "Give the machine a log group to see what they did, or start one and wait for its result:"}<//>`;
}

function Executions({ name, arn, query }) {
  const { status = "", q = "", token = "" } = query;
  const { value, error, loading } = useLive(() => page(arn, status, q, token), [arn, status, q, token], { services: ["stepfunctions"] });
  const calm = useCalm(value?.executions, `${arn} ${status} ${q} ${token}`);
  const set = (changes, options) => go(withQuery({ token: "", ...changes }), options);
  return html`<div class="bars"><div class="chips" role="group" aria-label="Status">${STATUSES.map(([key, title]) => html`<button type="button" class="chip" aria-pressed=${status === key} onClick=${() => set({ status: key })}>${key && html`<${Glyph} look=${lookOf(key)} size="12" />`}${title}</button>`)}</div>
      <input type="search" class="grow" placeholder="Find by name" aria-label="Find by name" value=${q} onInput=${(event) => set({ q: event.target.value }, { replace: true })} /></div>
    ${error && html`<${Problem} error=${error} />`}
    ${calm.fresh > 0 && html`<button type="button" class="news" onClick=${calm.letIn}>${plural(calm.fresh, "new execution")}: show</button>`}
    ${calm.rows.length > 0 && html`<table class="table"><thead><tr><th>Execution</th><th>Status</th><th class="num">Took</th><th class="num">Started</th></tr></thead><tbody>
      ${calm.rows.map((one) => html`<tr key=${one.executionArn}><td><a class="mono" data-row href=${to(["stepfunctions", name, "executions", one.name])}>${one.name}</a></td><td><${Status} look=${lookOf(one.status)} word=${one.status === "TIMED_OUT" ? "Timed out" : undefined} />${one.redriveCount > 0 && html`<span class="quiet small"> redriven ${one.redriveCount}×</span>`}</td>
        <td class="num" data-label="took"><${Took} from=${one.startDate * 1000} until=${one.stopDate && one.stopDate * 1000} /></td><td class="num quiet" data-label="started"><${Ago} at=${one.startDate * 1000} /></td></tr>`)}</tbody></table>`}
    ${!loading && !error && !calm.rows.length && (status || q ? html`<${Teach}>No execution is like that.<//>` : html`<${Teach} command=${cli("stepfunctions", "StartExecution", { stateMachineArn: arn, input: "{}" })}>It has not run yet. Start it with the button above, or in a terminal:<//>`)}
    ${(token || value?.nextToken) && html`<div class="pager">${token && html`<button type="button" onClick=${() => set({})}>Newest</button>`}<button type="button" disabled=${!value?.nextToken} onClick=${() => go(withQuery({ token: value.nextToken }))}>Older</button></div>`}`;
}

/** A page of executions. A name is looked for in up to 20 pages of 1,000: the API finds none by name but the exact one. */
async function page(arn, status, search, token) {
  const filter = { stateMachineArn: arn, ...(status ? { statusFilter: status } : {}) };
  if (!search) return json("stepfunctions", "ListExecutions", { ...filter, maxResults: PAGE, ...(token ? { nextToken: token } : {}) });
  const executions = [];
  let next = token;
  for (let pages = 0; pages < 20 && executions.length < PAGE; pages += 1) {
    const found = await json("stepfunctions", "ListExecutions", { ...filter, maxResults: 1000, ...(next ? { nextToken: next } : {}) });
    executions.push(...found.executions.filter((one) => one.name.includes(search)));
    next = found.nextToken;
    if (!next) break;
  }
  return { executions, nextToken: next };
}

/** Rows that stay where they are: what is new waits until it is let in, what is known changes in place. */
function useCalm(latest, view) {
  const held = useRef({ view: "", keys: null });
  const rows = latest ?? [];
  if (held.current.view !== view && latest) held.current = { view, keys: null };
  if (!held.current.keys && rows.length) held.current.keys = new Set(rows.map((one) => one.executionArn));
  const keys = held.current.keys ?? new Set();
  const known = rows.filter((one) => keys.has(one.executionArn));
  const newest = Math.max(0, ...known.map((one) => one.startDate));
  const fresh = rows.filter((one) => !keys.has(one.executionArn) && one.startDate >= newest);
  const shown = rows.filter((one) => keys.has(one.executionArn) || one.startDate < newest);
  const letIn = () => {
    held.current.keys = new Set(rows.map((one) => one.executionArn));
    go(location.pathname + location.search, { replace: true });
  };
  return known.length ? { rows: shown, fresh: fresh.length, letIn } : { rows, fresh: 0, letIn };
}
