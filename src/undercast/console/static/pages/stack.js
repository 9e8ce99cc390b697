// One stack: all its resources.
import { html } from "../html.js";
import { cli } from "../aws.js";
import { SERVICES, pathOf } from "../inventory.js";
import { to } from "../place.js";
import { SameAs, Teach } from "../parts/cli.js";
import { Head } from "../parts/shell.js";
import { StackStatus } from "./overview.js";

export function Stack({ name, inventory, stacks }) {
  const stack = stacks?.find((one) => one.name === name);
  const crumbs = [["Overview", to([])]];
  if (!stack) return html`<${Head} crumbs=${crumbs} title=${name} mono />${stacks && html`<div class="card"><${Teach} command=${cli("cloudformation", "DescribeStacks")}>There is no stack ${name} in this account and region.<//></div>`}`;
  return html`<${Head} crumbs=${crumbs} title=${name} mono><${StackStatus} status=${stack.status} /><//>
    <div class="card"><table class="table"><thead><tr><th>Name in the template</th><th>Type</th><th>Id</th><th>Status</th></tr></thead><tbody>
    ${stack.resources.map((resource) => html`<tr key=${resource.logical}><td class="mono">${resource.logical}</td><td data-label="Type" class="quiet">${resource.type.replace("AWS::", "")}</td>
      <td data-label="Id" class="mono"><${Link} resource=${resource} inventory=${inventory} /></td><td class="quiet">${resource.status.toLowerCase().replaceAll("_", " ")}</td></tr>`)}</tbody></table></div>
    <${SameAs} command=${cli("cloudformation", "ListStackResources", { StackName: name })} />`;
}

function Link({ resource, inventory }) {
  for (const service of SERVICES) {
    const row = inventory[service]?.rows?.find((one) => one.id === resource.physical || one.arn === resource.physical);
    if (row) return html`<a class="link" data-row href=${to(pathOf(service, row))}>${row.name}</a>`;
  }
  return resource.physical;
}
