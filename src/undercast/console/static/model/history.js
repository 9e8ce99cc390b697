// From an execution's history to what a person asks: which states ran, when, how often, with what, and what failed.

const CALL = /^(LambdaFunction|Activity|Task)(Scheduled|ScheduleFailed|Started|StartFailed|Submitted|SubmitFailed|Succeeded|Failed|TimedOut)$/;
const ENDED = { ExecutionSucceeded: "succeeded", ExecutionFailed: "failed", ExecutionAborted: "stopped", ExecutionTimedOut: "failed" };
const ORDER = ["failed", "running", "waiting", "stopped", "caught", "succeeded"];

/** {visits, states, failure, startedAt, endedAt, status, redrives, eventVisits} of events (as the API answers them).
 *  `runs` are the counts of distributed Maps by the ARN of their run: {counts, total}. A visit is one time that a state was entered; times are milliseconds; `states` sums visits up by name. */
export function reduced(events, runs = {}) {
  const story = new Story();
  for (const event of events) story.take(event);
  for (const visit of story.visits) visit.run = runs[visit.mapRun] ?? null;
  return story.told();
}

/** What an event says: the one member that holds its details. */
export function detailsOf(event) {
  const key = Object.keys(event).find((name) => name.endsWith("EventDetails"));
  return key ? event[key] : {};
}

/** The visits of a state; with an item {map, index}, only those inside it (states outside of its Map keep theirs). */
export function visitsOf(story, state, item = null) {
  const visits = story?.states.get(state)?.visits ?? [];
  if (!item) return visits;
  return visits.filter((visit) => {
    for (let inner = visit; inner.parent; inner = inner.parent) {
      if (inner.parent.state === item.map) return inner.iteration === item.index;
    }
    return true;
  });
}

/** A summary of visits: {status, counts, total, last, retried}. */
export function summed(visits) {
  const counts = {};
  for (const visit of visits) counts[visit.status] = (counts[visit.status] ?? 0) + 1;
  const last = visits[visits.length - 1];
  const live = ["running", "waiting"].find((status) => counts[status]);
  const inItems = last && last.iteration !== null;
  const status = live ?? (inItems ? ORDER.find((name) => counts[name]) : last?.status) ?? "";
  return { status, counts, total: visits.length, last, retried: last ? retriesOf(last) : 0 };
}

/** How often a visit was tried again; a redrive begins anew. */
export function retriesOf(visit) {
  return Math.max(0, visit.attempts.length - visit.attemptsBefore - 1);
}

class Story {
  constructor() {
    this.visits = [];
    this.eventVisits = new Map();
    this.insides = new Map(); // event id -> {parent, iteration}: where the states after it are
    this.status = "running";
    this.startedAt = this.endedAt = null;
    this.redrives = this.events = 0;
    this.failure = null;
  }

  take(event) {
    const at = timeOf(event.timestamp);
    const details = detailsOf(event);
    this.startedAt ??= at;
    this.events += 1;
    if (event.type.startsWith("Execution")) return this.ofExecution(event, at, details);
    const entered = /^(\w+)StateEntered$/.exec(event.type);
    const visit = entered ? this.enter(event, at, details, entered[1]) : this.visitOf(event, details);
    if (!visit) return undefined;
    visit.events.push(event.id);
    this.eventVisits.set(event.id, visit);
    if (!entered) this.ofVisit(visit, event, at, details);
    return undefined;
  }

  enter(event, at, details, type) {
    const place = this.placeAfter(event.previousEventId);
    const before = this.eventVisits.get(event.previousEventId);
    const follows = before && before.parent === place.parent && before.exitedAt !== null;
    const visit = {
      from: follows ? before.state : null, fromCaught: Boolean(follows && before.status === "caught"),
      id: event.id, state: details.name, type, ...place, depth: place.parent ? place.parent.depth + 1 : 0,
      enteredAt: at, exitedAt: null, status: type === "Wait" ? "waiting" : "running", input: details.input, output: undefined,
      error: null, cause: null, attempts: [], attemptsBefore: 0, starts: 0, length: 0, iterations: new Map(), mapRun: null, events: [], variables: null,
    };
    if (type === "Fail") this.end(visit, at, "failed");
    this.visits.push(visit);
    this.iterationOf(visit)?.visits.push(visit);
    return visit;
  }

  iterationOf(visit) {
    return visit.iteration === null ? null : visit.parent?.iterations.get(visit.iteration);
  }

  placeAfter(id) {
    if (this.insides.has(id)) return this.insides.get(id);
    const before = this.eventVisits.get(id);
    return before ? { parent: before.parent, iteration: before.iteration } : { parent: null, iteration: null };
  }

  /** The visit of an event: that of the event before it, or the one around it that the event names or can mean. */
  visitOf(event, details) {
    const before = this.eventVisits.get(event.previousEventId) ?? this.reopened;
    const kind = /^(Map|Parallel)(State|Iteration|Run)/.exec(event.type)?.[1];
    for (let visit = before; visit; visit = visit.parent) {
      const named = details.name === undefined || visit.state === details.name || !/State|Iteration/.test(event.type);
      if (named && (!kind || visit.type === kind) && (visit.exitedAt === null || visit === before)) return visit;
    }
    return this.visits.findLast((visit) => visit.state === details.name && visit.exitedAt === null) ?? before;
  }

  ofVisit(visit, event, at, details) {
    const call = CALL.exec(event.type);
    if (call) return this.ofCall(visit, call[2], event, at, details);
    if (event.type.endsWith("StateExited")) return this.exit(visit, at, details);
    if (event.type.startsWith("MapIteration")) return this.ofIteration(visit, event, at, details);
    if (event.type.startsWith("MapRun")) visit.mapRun = details.mapRunArn ?? visit.mapRun;
    else if (/^(Map|Parallel)StateStarted$/.test(event.type)) this.begin(visit, event, at, details);
    else if (event.type.endsWith("StateAborted")) this.end(visit, at, this.endOf(visit, null));
    else if (event.type === "EvaluationFailed") Object.assign(visit, { error: details.error, cause: details.cause, location: details.location });
    else if (/^(Map|Parallel)StateFailed$/.test(event.type)) Object.assign(visit, { broken: true });
    return undefined;
  }

  begin(visit, event, at, details) {
    this.stopInside(visit, at);
    visit.starts += 1;
    visit.length = details.length ?? 0;
    visit.iterations = new Map();
    if (visit.status !== "running") Object.assign(visit, { status: "running", exitedAt: null });
    this.insides.set(event.id, { parent: visit, iteration: null });
  }

  ofIteration(visit, event, at, details) {
    const index = details.index;
    if (event.type === "MapIterationStarted") {
      visit.iterations.set(index, { index, status: "running", startedAt: at, endedAt: null, visits: [] });
      this.insides.set(event.id, { parent: visit, iteration: index });
      return;
    }
    const iteration = visit.iterations.get(index);
    if (!iteration) return;
    iteration.endedAt = at;
    iteration.status = { Succeeded: "succeeded", Failed: "failed", Aborted: "stopped" }[event.type.slice("MapIteration".length)];
    for (const inner of iteration.visits.filter((one) => one.exitedAt === null)) {
      this.end(inner, at, this.endOf(inner, iteration.status === "failed" ? this.eventVisits.get(event.previousEventId) : null));
    }
  }

  ofCall(visit, what, event, at, details) {
    if (what === "Scheduled" || what === "ScheduleFailed" || !visit.attempts.length) {
      visit.attempts.push({ scheduledAt: at, startedAt: null, endedAt: null, status: "running", ...callOf(event, details), events: [] });
      visit.status = "running";
    }
    const attempt = visit.attempts[visit.attempts.length - 1];
    attempt.events.push(event.id);
    if (what === "Started") attempt.startedAt = at;
    if (what === "Submitted") attempt.submitted = details.output;
    if (attempt.token && (what === "Submitted" || what === "Started")) visit.status = attempt.status = "waiting";
    if (what === "Succeeded") Object.assign(attempt, { status: "succeeded", endedAt: at, output: details.output });
    if (what === "Succeeded") visit.status = "running";
    if (what.endsWith("Failed") || what === "TimedOut") {
      Object.assign(attempt, { status: "failed", endedAt: at, error: details.error ?? "States.Timeout", cause: details.cause });
      Object.assign(visit, { status: "waiting", error: attempt.error, cause: attempt.cause }); // for the next attempt, if there is one
    }
  }

  exit(visit, at, details) {
    const failedLast = visit.broken || visit.attempts.at(-1)?.status === "failed" || visit.location !== undefined;
    if (visit.type === "Map" || visit.type === "Parallel") this.stopInside(visit, at);
    visit.output = details.output;
    visit.variables = details.assignedVariables ?? null;
    this.end(visit, at, failedLast ? "caught" : "succeeded");
  }

  end(visit, at, status) {
    visit.exitedAt ??= at;
    visit.status = status;
    for (const attempt of visit.attempts.filter((one) => one.endedAt === null)) Object.assign(attempt, { endedAt: at, status: "stopped" });
  }

  stopInside(visit, at) {
    for (const inner of this.visits.filter((one) => one.parent === visit && one.exitedAt === null)) {
      this.stopInside(inner, at);
      this.end(inner, at, this.endOf(inner, null));
    }
  }

  endOf(visit, failing) {
    const broke = visit.broken || visit.error || visit.attempts.at(-1)?.status === "failed";
    const items = visit.starts > 0 && [...visit.iterations.values()].some((one) => one.status === "failed");
    return visit === failing || broke || items ? "failed" : "stopped";
  }

  ofExecution(event, at, details) {
    if (event.type === "ExecutionRedriven") return this.redrive();
    if (!ENDED[event.type]) return undefined;
    this.status = ENDED[event.type];
    this.endedAt = at;
    const failing = this.status === "failed" ? this.eventVisits.get(event.previousEventId) ?? null : null;
    const around = new Set();
    for (let visit = failing; visit; visit = visit.parent) around.add(visit);
    for (const visit of this.visits.filter((one) => one.exitedAt === null)) {
      this.end(visit, at, event.type === "ExecutionFailed" && around.has(visit) ? "failed" : this.endOf(visit, null));
      if (around.has(visit)) visit.iterations.forEach((item) => item.endedAt ??= at);
    }
    this.failure = this.status === "failed" ? this.failureOf(failing, event, details) : null;
    return undefined;
  }

  /** Where and why: the innermost visit that failed, not a box around it. */
  failureOf(failing, event, details) {
    const inner = this.visits.filter((visit) => visit.status === "failed");
    const at = failing?.type === "Map" || failing?.type === "Parallel" ? inner.findLast((one) => isWithin(one, failing)) ?? failing : failing;
    if (at && !at.error) Object.assign(at, { error: details.error, cause: details.cause });
    const error = details.error ?? (event.type === "ExecutionTimedOut" ? "States.Timeout" : "");
    const visit = at ?? inner.at(-1) ?? null;
    return { visit, origin: this.originOf(details.cause) ?? visit, error, cause: details.cause ?? "" };
  }

  /** Where an error came from that was caught and handed on: the first state that has the same cause. */
  originOf(cause) {
    return cause ? this.visits.find((visit) => visit.cause === cause && visit.type !== "Parallel" && visit.type !== "Map") : null;
  }

  redrive() {
    this.redrives += 1;
    this.reopened = this.failure?.visit ?? this.visits.findLast((visit) => visit.status === "failed" || visit.status === "stopped");
    for (let visit = this.reopened; visit; visit = visit.parent) {
      Object.assign(visit, { status: visit.type === "Wait" ? "waiting" : "running", exitedAt: null, broken: false, error: null, cause: null, attemptsBefore: visit.attempts.length });
    }
    this.status = "running";
    this.endedAt = this.failure = null;
  }

  told() {
    const grouped = new Map();
    for (const visit of this.visits) grouped.set(visit.state, [...(grouped.get(visit.state) ?? []), visit]);
    const states = new Map([...grouped].map(([name, visits]) => [name, { ...summed(visits), visits }]));
    const { visits, status, startedAt, endedAt, redrives, eventVisits, failure } = this;
    return { visits, states, status, startedAt, endedAt, redrives, eventVisits, failure, events: this.events };
  }
}

function isWithin(visit, box) {
  for (let around = visit.parent; around; around = around.parent) if (around === box) return true;
  return false;
}

/** Whom an attempt called with what. */
function callOf(event, details) {
  const parameters = details.parameters ?? details.input;
  const direct = /:function:([^:]+)/.exec(details.resource ?? "");
  const invoked = details.resourceType === "lambda" ? readName(parameters) : null;
  const token = (details.resource ?? "").endsWith(".waitForTaskToken") || event.type.startsWith("Activity") || /\.sync/.test(details.resource ?? "");
  return {
    resource: details.resourceType ? `${details.resourceType}:${details.resource}` : details.resource,
    parameters, token, functionName: direct?.[1] ?? invoked,
  };
}

function readName(parameters) {
  try {
    const value = typeof parameters === "string" ? JSON.parse(parameters) : parameters;
    return /(?:function:)?([^:]+)/.exec(value.FunctionName.split(":function:").at(-1))[1];
  } catch {
    return null;
  }
}

/** Seconds with fractions, as the API writes times, or text as a recording has it: milliseconds. */
function timeOf(timestamp) {
  return typeof timestamp === "number" ? Math.round(timestamp * 1000) : 0;
}
