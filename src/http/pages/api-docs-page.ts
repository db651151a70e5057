import type { JsonSchema, OpenApiDocument, OpenApiOperation, OpenApiParameter } from '../openapi/types.ts';
import { escaped, PAGE_STYLE } from './page-style.ts';

/** The API's documentation to read in a browser, from the same document that programs read. */
export function apiDocsPage({ info, tags, paths }: OpenApiDocument, nonce: string): string {
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const group = (name: string) => {
    const operations = all.filter(({ operation }) => operation.tags.includes(name));
    return `<section id="${anchor(name)}"><h2>${escaped(name)}</h2>${operations.map(operationHtml).join('\n')}</section>`;
  };
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API · ${escaped(info.title)}</title>
<style nonce="${nonce}">${STYLE}</style>
</head>
<body>
<main>
<header>
<p class="eyebrow">${escaped(info.title)} ${escaped(info.version)}</p>
<h1>HTTP API</h1>
<p class="lead">${withCode(info.description)}</p>
<nav aria-label="Groups">${tags.map(({ name }) => `<a href="#${anchor(name)}">${escaped(name)}</a>`).join('')}<a href="openapi.json">openapi.json</a></nav>
<label class="search">Find <input type="search" placeholder="path, words or scope" autocomplete="off"></label>
</header>
${tags.map(({ name }) => group(name)).join('\n')}
<p class="note" hidden>Nothing fits.</p>
</main>
<script nonce="${nonce}">${SCRIPT}</script>
</body>
</html>
`;
}

interface Shown {
  readonly path: string;
  readonly method: string;
  readonly operation: OpenApiOperation;
}

function operationHtml({ path, method, operation }: Shown): string {
  const { summary, description, parameters, requestBody, operationId } = operation;
  const body = requestBody?.content['application/json']?.schema;
  return `<details id="${escaped(operationId)}">
<summary><b class="method ${method}">${method}</b><code>${escaped(path)}</code><span>${withCode(summary)}</span></summary>
${description === undefined ? '' : `<p>${withCode(description)}</p>`}
${parameters.length === 0 ? '' : tableHtml(['parameter', 'in', ''], parameters.map(parameterRow))}
${body === undefined ? '' : bodyHtml(body)}
<pre tabindex="0">${escaped(curlOf(path, method, body))}</pre>
</details>`;
}

function parameterRow({ name, in: place, required, description }: OpenApiParameter): string[] {
  return [nameHtml(name, required), escaped(place), withCode(description)];
}

function bodyHtml(schema: JsonSchema): string {
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>;
  const required = (schema['required'] ?? []) as readonly string[];
  const rows = Object.entries(properties).map(([name, each]) => [
    nameHtml(name, required.includes(name)),
    withCode(typeText(each)),
    meaningOf(each),
  ]);
  const whole = `<details class="schema"><summary>The schema as a whole</summary><pre tabindex="0">${escaped(JSON.stringify(schema, undefined, 2))}</pre></details>`;
  return `${tableHtml(['in the body', 'is', 'what'], rows)}${whole}`;
}

function meaningOf({ description, default: whenLeftOut }: JsonSchema): string {
  const usual = whenLeftOut === undefined ? [] : [`\`${JSON.stringify(whenLeftOut)}\` when left out`];
  return withCode([...(typeof description === 'string' ? [description] : []), ...usual].join('; '));
}

function nameHtml(name: string, required: boolean): string {
  return `<code>${escaped(name)}</code>${required ? '<b class="must" title="needed">*</b>' : ''}`;
}

function typeText(schema: JsonSchema): string {
  const { type, items, anyOf, pattern } = schema as {
    type?: string | string[];
    items?: JsonSchema;
    anyOf?: JsonSchema[];
    pattern?: string;
  };
  const choices = schema['enum'] as readonly unknown[] | undefined;
  if (choices !== undefined) return choices.map((choice) => `\`${String(choice)}\``).join(', ');
  if (anyOf !== undefined) return [...new Set(anyOf.map(typeText))].join(' or ');
  if (type === 'array') return `list of ${items === undefined ? 'anything' : typeText(items)}`;
  if (pattern !== undefined && pattern.length < 60) return `${[type].flat().join(' or ')} like \`${pattern}\``;
  return type === undefined ? 'anything' : [type].flat().join(' or ');
}

function tableHtml(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, row: readonly string[]) => row.map((cell) => `<${tag}>${cell}</${tag}>`).join('');
  return `<div class="scroll"><table><thead><tr>${cells('th', heads)}</tr></thead><tbody>${rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('')}</tbody></table></div>`;
}

function curlOf(path: string, method: string, body: JsonSchema | undefined): string {
  const isOpen = !path.startsWith('/api/');
  const parts = [
    'curl',
    ...(method === 'GET' ? [] : [`-X ${method}`]),
    ...(isOpen ? [] : ['-H "Authorization: Bearer $TOKEN"']),
    ...(method === 'PUT' || method === 'DELETE' ? [`-H 'If-Match: *'`] : []),
    ...(body === undefined ? [] : [`-H 'Content-Type: application/json' -d @body.json`]),
    `"$BRIDGE${path.replaceAll(/\{(\w+)\}/g, (_, name: string) => name.toUpperCase())}${isOpen ? '?key=KEY' : ''}"`,
  ];
  return parts.join(' ');
}

function anchor(name: string): string {
  return name.toLowerCase().replaceAll(/\W+/g, '-');
}

function withCode(text: string): string {
  return escaped(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}

const STYLE = `${PAGE_STYLE}
main{max-width:60rem}nav{display:flex;flex-wrap:wrap;gap:.4rem .9rem;margin:1rem 0}a{color:var(--accent)}
.search{display:block;color:var(--soft);font-size:.92rem}input{width:min(100%,22rem);margin-left:.4rem;padding:.4rem .7rem;border:1px solid var(--line);border-radius:9px;background:var(--card);color:var(--ink);font:inherit}
h2{margin:0 0 .4rem;font-size:1.15rem}section{padding-bottom:.6rem}
section>details{border-top:1px solid var(--line)}summary{cursor:pointer;padding:.5rem 0;display:flex;flex-wrap:wrap;align-items:baseline;gap:.3rem .7rem}summary::-webkit-details-marker{display:none}
summary code{background:none;padding:0;font-weight:600;overflow-wrap:anywhere}summary span{color:var(--soft);font-size:.92rem}summary:hover code{color:var(--accent)}
.method{min-width:4rem;text-align:center}.POST{border-color:#11834a;color:#11834a}.PUT{border-color:#b25e09;color:#b25e09}.DELETE{border-color:#c22f2f;color:#c22f2f}
@media (prefers-color-scheme:dark){.POST{border-color:#4cc38a;color:#4cc38a}.PUT{border-color:#f0a04b;color:#f0a04b}.DELETE{border-color:#ff8080;color:#ff8080}}
details>pre{margin:.7rem 0 1rem}.schema summary{font-size:.92rem;color:var(--accent)}.must{color:#c22f2f}td{overflow-wrap:anywhere}td:first-child{white-space:nowrap}
@media (max-width:34rem){section{padding:1rem}}@media print{.search,nav{display:none}}`;

const SCRIPT = `
const field = document.querySelector('input');
const nothing = document.querySelector('.note');
const show = () => {
  const words = field.value.toLowerCase().split(/\\s+/).filter(Boolean);
  let any = false;
  for (const section of document.querySelectorAll('section')) {
    let shown = false;
    for (const each of section.querySelectorAll(':scope > details')) {
      const text = each.textContent.toLowerCase();
      each.hidden = !words.every((word) => text.includes(word));
      shown ||= !each.hidden;
    }
    section.hidden = !shown;
    any ||= shown;
  }
  nothing.hidden = any;
};
field.addEventListener('input', show);
const open = () => { const target = document.getElementById(location.hash.slice(1)); if (target?.tagName === 'DETAILS') target.open = true; };
addEventListener('hashchange', open);
open();`;
