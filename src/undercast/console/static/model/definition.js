// A workflow's definition as a tree of graphs: each level's states and edges; Parallel and Map hold levels inside.

/** The level of a parsed definition: {start, states: Map(name -> state), edges: [{from, to, kind, label}]}.
 *  A state is {name, type, about, raw, retries, inside: [level]}; an edge's kind is next, choice, default or catch. */
export function levelOf(definition) {
  const raw = definition?.States ?? {};
  const states = new Map(Object.entries(raw).map(([name, state]) => [name, stateOf(name, state)]));
  const edges = Object.entries(raw).flatMap(([name, state]) => edgesOf(name, state));
  return { start: definition?.StartAt ?? "", states, edges: edges.filter((edge) => states.has(edge.to)) };
}

/** The definition as text, read. Null when it is not JSON. */
export function parsed(text) {
  try {
    return levelOf(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Every state of a level and of what is inside it, outermost first: [{state, depth, within}]. */
export function allStates(level, depth = 0, within = null) {
  return [...level.states.values()].flatMap((state) => [
    { state, depth, within },
    ...state.inside.flatMap((inner) => allStates(inner, depth + 1, state.name)),
  ]);
}

/** What the retriers of a state allow: the largest number of attempts after the first. */
export function mostRetries(raw) {
  return Math.max(0, ...(raw.Retry ?? []).map((retrier) => retrier.MaxAttempts ?? 3));
}

function stateOf(name, raw) {
  const processor = raw.ItemProcessor ?? raw.Iterator;
  const inside = raw.Type === "Parallel" ? raw.Branches ?? [] : processor ? [processor] : [];
  return {
    name, raw,
    type: raw.Type ?? "",
    about: aboutOf(raw),
    retries: mostRetries(raw),
    distributed: processor?.ProcessorConfig?.Mode === "DISTRIBUTED",
    ends: Boolean(raw.End) || raw.Type === "Succeed" || raw.Type === "Fail",
    inside: inside.map(levelOf),
  };
}

function edgesOf(from, raw) {
  const edges = raw.Next ? [{ from, to: raw.Next, kind: "next", label: "" }] : [];
  for (const rule of raw.Choices ?? []) edges.push({ from, to: rule.Next, kind: "choice", label: conditionOf(rule) });
  if (raw.Default) edges.push({ from, to: raw.Default, kind: "default", label: "otherwise" });
  for (const catcher of raw.Catch ?? []) {
    edges.push({ from, to: catcher.Next, kind: "catch", label: (catcher.ErrorEquals ?? []).map(shortError).join(", ") });
  }
  return edges;
}

function shortError(name) {
  return name === "States.ALL" ? "any error" : name;
}

/** One line that says what a state does. */
export function aboutOf(raw) {
  if (raw.Type === "Task") return resourceOf(raw.Resource ?? "", raw.Parameters ?? raw.Arguments);
  if (raw.Type === "Wait") return waitOf(raw);
  if (raw.Type === "Fail") return raw.Error ?? raw.ErrorPath ?? "ends with an error";
  if (raw.Type === "Map") return mapOf(raw);
  if (raw.Type === "Parallel") return `${(raw.Branches ?? []).length} branches at once`;
  return { Pass: "passes on", Choice: "chooses", Succeed: "ends well" }[raw.Type] ?? raw.Type ?? "";
}

function resourceOf(resource, params) {
  const lambda = /:lambda:[^:]*:[^:]*:function:([^:]+)/.exec(resource);
  if (lambda) return `lambda ${lambda[1]}`;
  const activity = /:states:[^:]*:[^:]*:activity:(.+)$/.exec(resource);
  if (activity) return `activity ${activity[1]}`;
  const parts = resource.split(":::")[1];
  if (!parts) return resource;
  const short = parts.replace(/^aws-sdk:/, "").replace(":", " ");
  const name = params?.FunctionName;
  return typeof name === "string" && short.startsWith("lambda invoke") ? short.replace("invoke", lastPart(name)) : short;
}

function lastPart(arn) {
  return /function:([^:]+)/.exec(arn)?.[1] ?? arn;
}

function waitOf(raw) {
  if (raw.Seconds !== undefined) return `waits ${typeof raw.Seconds === "number" ? `${raw.Seconds} s` : raw.Seconds}`;
  return `waits ${raw.SecondsPath ?? (raw.Timestamp || raw.TimestampPath ? `until ${raw.Timestamp ?? raw.TimestampPath}` : "")}`;
}

function mapOf(raw) {
  const mode = (raw.ItemProcessor ?? raw.Iterator)?.ProcessorConfig?.Mode === "DISTRIBUTED" ? "distributed, " : "";
  const most = raw.MaxConcurrency ? `${raw.MaxConcurrency} at once` : "all at once";
  return `${mode}${most}`;
}

const OPERATORS = {
  Equals: "=", LessThan: "<", GreaterThan: ">", LessThanEquals: "≤", GreaterThanEquals: "≥", Matches: "matches",
};

/** A choice rule as a person would say it. */
export function conditionOf(rule) {
  if (rule.Condition !== undefined) return String(rule.Condition).replace(/^\{%\s*|\s*%\}$/g, "");
  if (rule.And) return rule.And.map(conditionOf).join(" and ");
  if (rule.Or) return rule.Or.map(conditionOf).join(" or ");
  if (rule.Not) return `not ${conditionOf(rule.Not)}`;
  const [operator, value] = Object.entries(rule).find(([key]) => !["Variable", "Next", "Comment", "Assign", "Output"].includes(key)) ?? ["", ""];
  const name = String(rule.Variable ?? "").replace(/^\$\./, "");
  if (operator.startsWith("Is")) return `${name} ${value ? "is" : "is not"} ${operator.slice(2).toLowerCase()}`;
  const [, kind, path] = /^(?:String|Numeric|Boolean|Timestamp)(.*?)(Path)?$/.exec(operator) ?? [];
  return `${name} ${OPERATORS[kind] ?? operator} ${path ? value : JSON.stringify(value)}`;
}
