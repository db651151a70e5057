/** What the pages have in common: colours of light and dark, type, cards. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--ink:#1b2430;--soft:#5b6878;--line:#dfe4ea;--card:#fff;--page:#f4f6f8;--accent:#0b62d6;--code:#eef2f6}
@media (prefers-color-scheme:dark){:root{--ink:#e6ebf1;--soft:#9aa7b6;--line:#2b3542;--card:#161d26;--page:#0e141b;--accent:#6aa8ff;--code:#0f161e}}
*{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:52rem;margin:0 auto;padding:2.5rem 1rem 4rem}h1{margin:.2rem 0 .4rem;font-size:2rem;line-height:1.15;letter-spacing:-.02em}
.eyebrow{margin:0;color:var(--accent);font-weight:600;font-size:.85rem}.lead{margin:0;color:var(--soft);font-size:1.1rem}
section{margin-top:1.25rem;padding:1.25rem 1.5rem 1.4rem;background:var(--card);border:1px solid var(--line);border-radius:14px}
p{margin:.4rem 0}code,pre{font:.86rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}code{padding:.1rem .35rem;background:var(--code);border-radius:5px}
pre{margin:0;padding:.65rem .8rem;background:var(--code);border:1px solid var(--line);border-radius:9px;white-space:pre-wrap;overflow-wrap:anywhere}
.method{padding:.05rem .45rem;border:1px solid var(--accent);border-radius:5px;color:var(--accent);font-size:.72rem;letter-spacing:.04em}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}.note{margin-top:1rem;color:var(--soft);font-size:.92rem}.scroll{overflow-x:auto}
table{width:100%;border-collapse:collapse;font-size:.92rem}th{text-align:left;color:var(--soft);font-weight:600}th,td{padding:.42rem .75rem .42rem 0;border-bottom:1px solid var(--line);vertical-align:top}tr:last-child td{border-bottom:0}`;

/** Text as HTML shows it. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
