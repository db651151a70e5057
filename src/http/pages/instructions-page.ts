import type { PostbackExample, PostbackInstructions } from '../../domain/postback-instructions.ts';
import { escaped, PAGE_STYLE } from './page-style.ts';

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

const STYLE = `${PAGE_STYLE}
h2{display:flex;align-items:center;gap:.7rem;margin:0 0 .6rem;font-size:1.15rem}h2 span{flex:none;display:grid;place-items:center;width:1.7rem;height:1.7rem;border-radius:50%;background:var(--accent);color:var(--card);font-size:.9rem}
dl{margin:.6rem 0}dl div{display:grid;grid-template-columns:minmax(9rem,13.5rem) 1fr;gap:.75rem;padding:.35rem 0;border-top:1px solid var(--line)}dl div:first-child{border-top:0}dd{margin:0;color:var(--soft)}
article{margin-top:1.1rem}h3{display:flex;align-items:baseline;gap:.5rem;margin:0 0 .4rem;font-size:.95rem}
.copy{position:relative;margin-top:.4rem}.copy pre{padding-right:5rem}
button{position:absolute;top:.42rem;right:.42rem;padding:.22rem .7rem;border:1px solid var(--line);border-radius:7px;background:var(--card);color:var(--ink);font:inherit;font-size:.8rem;cursor:pointer}button:hover{border-color:var(--accent);color:var(--accent)}
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
