// The console: which page an address is, and what all pages share.
import { html, render, useEffect } from "./html.js";
import { useLive } from "./changes.js";
import { SERVICES, serviceInfo, stacks as readStacks } from "./inventory.js";
import { followLinks, to, usePlace } from "./place.js";
import { Problem } from "./parts/cli.js";
import { Head, Shell, recallTheme } from "./parts/shell.js";
import { Execution } from "./pages/execution.js";
import { Machine } from "./pages/machine.js";
import { Machines } from "./pages/machines.js";
import { Overview } from "./pages/overview.js";
import { Service } from "./pages/service.js";
import { Stack } from "./pages/stack.js";
import { Start } from "./pages/start.js";

function Console() {
  const { path, account, region } = usePlace();
  const inventory = {};
  for (const name of SERVICES) inventory[name] = useListing(name); // the same services in the same order each time
  const stacks = useLive(readStacks, [], { services: ["cloudformation"] });
  useEffect(() => document.getElementById("main")?.focus({ preventScroll: true }), [path.join("/")]);
  return html`<${Shell} inventory=${inventory} stacks=${stacks.value}>
    ${stacks.error && html`<${Problem} error=${stacks.error} />`}
    <${Page} key=${`${account} ${region} ${path.join("/")}`} path=${path} inventory=${inventory} stacks=${stacks.value} />
  <//>`;
}

function useListing(name) {
  const { value, error } = useLive(serviceInfo(name).list, [], { services: [name] });
  return value ?? (error ? { error, rows: [] } : undefined);
}

function Page({ path, inventory, stacks }) {
  const [first, second, third, fourth] = path;
  if (!first) return html`<${Overview} inventory=${inventory} stacks=${stacks} />`;
  if (first === "stacks" && second) return html`<${Stack} name=${second} inventory=${inventory} stacks=${stacks} />`;
  if (first === "services" && second) return html`<${Service} name=${second} thing=${third} inventory=${inventory} stacks=${stacks} />`;
  if (first === "stepfunctions" && !second) return html`<${Machines} inventory=${inventory} />`;
  if (first === "stepfunctions" && third === "start") return html`<${Start} name=${second} />`;
  if (first === "stepfunctions" && third === "executions" && fourth) return html`<${Execution} machine=${second} name=${fourth} />`;
  if (first === "stepfunctions" && !third) return html`<${Machine} name=${second} />`;
  return html`<${Head} crumbs=${[["Overview", to([])]]} title="No such page" /><p>The console has nothing at this address. Press <kbd>/</kbd> to search for what you are after.</p>`;
}

recallTheme();
followLinks();
render(html`<${Console} />`, document.body);
