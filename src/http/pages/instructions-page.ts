import type { PostbackExample, PostbackInstructions } from '../../domain/postback-instructions.ts';

/** The page a partner is sent (semantics §5). `nonce` lets its own style and script through the content security policy. */
export function instructionsPage(instructions: PostbackInstructions, nonce: string): string {
  const { campaign, group, buyer, reports, methods, examples, windowSeconds } = instructions;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Reporting sales · ${escaped(buyer)}</title>
<style nonce="${nonce}">${STYLE}</style>
</head>
<body>
<main>
<header>
<p class="eyebrow">${escaped(campaign)} · ${escaped(group)}</p>
<h1>Reporting sales</h1>
<p class="lead">For ${escaped(buyer)}. Report each sale with one HTTP request; nothing else is needed.</p>
</header>
<section>
<h2><span>1</span>Take UUID and key from each call</h2>
<p>They stand in the SIP INVITE. Store both with the call.</p>
${definitions(instructions.sipHeaders)}
</section>
<section>
<h2><span>2</span>Report the sale</h2>
<p>${escaped(reports)} Put in your own values for:</p>
${definitions(instructions.placeholders)}
${examples.map(exampleHtml).join('\n')}
<p class="note">Method ${methods.map(code).join(', ')}: all do the same with the same URL. The parameters may also be sent as a form or as JSON, the key as <code>Authorization: Bearer</code>.</p>
</section>
<section>
<h2><span>3</span>Read the answer</h2>
<p>200 means: it is on disk. Whoever got no answer may send again; the same sale counts once.</p>
<div class="scroll"><table>
<thead><tr><th>Status</th><th>In the body</th><th>Means</th></tr></thead>
<tbody>
${instructions.answers.map(({ status, body, means }) => `<tr><td><b class="s${String(status)[0]}">${status}</b></td><td>${body && code(body)}</td><td>${escaped(means)}</td></tr>`).join('\n')}
</tbody></table></div>
</section>
<section>
<h2><span>4</span>In good time</h2>
<p>${escaped(windowText(windowSeconds))}</p>
</section>
</main>
<script nonce="${nonce}">${SCRIPT}</script>
</body>
</html>
`;
}

function windowText(seconds: number): string {
  const late = 'A sale reported later still counts, marked as late.';
  if (seconds === 0) return `The call is decided at its end. ${late}`;
  const minutes = seconds % 60 === 0 ? `${seconds / 60} minutes` : `${seconds} seconds`;
  return `A call is decided ${minutes.replace(/^1 minutes$/, '1 minute')} after its end. ${late}`;
}

function definitions(list: readonly { readonly name: string; readonly holds: string }[]): string {
  const rows = list.map(({ name, holds }) => `<div><dt>${code(name)}</dt><dd>${escaped(holds)}</dd></div>`);
  return `<dl>${rows.join('')}</dl>`;
}

function exampleHtml({ title, method, url, curl }: PostbackExample): string {
  return `<article>
<h3><b class="method">${method}</b><span>${escaped(title)}</span></h3>
<div class="copy"><pre tabindex="0">${escaped(url)}</pre><button type="button">Copy</button></div>
<div class="copy"><pre tabindex="0">${escaped(curl)}</pre><button type="button">Copy</button></div>
</article>`;
}

function code(text: string): string {
  return `<code>${escaped(text)}</code>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

const STYLE = `
:root{color-scheme:light dark;--ink:#1b2430;--soft:#5b6878;--line:#dfe4ea;--card:#fff;--page:#f4f6f8;--accent:#0b62d6;--code:#eef2f6}
@media (prefers-color-scheme:dark){:root{--ink:#e6ebf1;--soft:#9aa7b6;--line:#2b3542;--card:#161d26;--page:#0e141b;--accent:#6aa8ff;--code:#0f161e}}
*{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:52rem;margin:0 auto;padding:2.5rem 1rem 4rem}h1{margin:.2rem 0 .4rem;font-size:2rem;line-height:1.15;letter-spacing:-.02em}
.eyebrow{margin:0;color:var(--accent);font-weight:600;font-size:.85rem}.lead{margin:0;color:var(--soft);font-size:1.1rem}
section{margin-top:1.25rem;padding:1.25rem 1.5rem 1.4rem;background:var(--card);border:1px solid var(--line);border-radius:14px}
h2{display:flex;align-items:center;gap:.7rem;margin:0 0 .6rem;font-size:1.15rem}h2 span{flex:none;display:grid;place-items:center;width:1.7rem;height:1.7rem;border-radius:50%;background:var(--accent);color:var(--card);font-size:.9rem}
p{margin:.4rem 0}dl{margin:.6rem 0}dl div{display:grid;grid-template-columns:minmax(9rem,13.5rem) 1fr;gap:.75rem;padding:.35rem 0;border-top:1px solid var(--line)}dl div:first-child{border-top:0}dd{margin:0;color:var(--soft)}
code,pre{font:.86rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}code{padding:.1rem .35rem;background:var(--code);border-radius:5px}
article{margin-top:1.1rem}h3{display:flex;align-items:baseline;gap:.5rem;margin:0 0 .4rem;font-size:.95rem}
.method{padding:.05rem .45rem;border:1px solid var(--accent);border-radius:5px;color:var(--accent);font-size:.72rem;letter-spacing:.04em}
.copy{position:relative;margin-top:.4rem}pre{margin:0;padding:.65rem 5rem .65rem .8rem;background:var(--code);border:1px solid var(--line);border-radius:9px;white-space:pre-wrap;overflow-wrap:anywhere}
button{position:absolute;top:.42rem;right:.42rem;padding:.22rem .7rem;border:1px solid var(--line);border-radius:7px;background:var(--card);color:var(--ink);font:inherit;font-size:.8rem;cursor:pointer}button:hover{border-color:var(--accent);color:var(--accent)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}.note{margin-top:1rem;color:var(--soft);font-size:.92rem}.scroll{overflow-x:auto}
table{width:100%;border-collapse:collapse;font-size:.92rem}th{text-align:left;color:var(--soft);font-weight:600}th,td{padding:.42rem .75rem .42rem 0;border-bottom:1px solid var(--line);vertical-align:top}tr:last-child td{border-bottom:0}
.s2{color:#11834a}.s4{color:#b25e09}.s5{color:#c22f2f}@media (prefers-color-scheme:dark){.s2{color:#4cc38a}.s4{color:#f0a04b}.s5{color:#ff8080}}
@media (max-width:34rem){dl div{grid-template-columns:1fr;gap:.1rem}section{padding:1rem}}@media print{button{display:none}section{break-inside:avoid}}`;

const SCRIPT = `
for (const button of document.querySelectorAll('button')) button.addEventListener('click', async () => {
  const text = button.previousElementSibling;
  try { await navigator.clipboard.writeText(text.textContent); }
  catch { getSelection().selectAllChildren(text); document.execCommand('copy'); }
  button.textContent = 'Copied';
  setTimeout(() => { button.textContent = 'Copy'; }, 1500);
});`;
