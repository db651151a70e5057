import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bold, dim, green, maskKey, red, yellow } from '../src/cli/style.ts';
import { formatTable } from '../src/cli/table.ts';
import { demoAccountFile, NUMBER } from './account-file.ts';
import { type CallReport, fetchReport, problemsOf } from './call-report.ts';
import { Ladder } from './ladder.ts';
import { type DemoScene, SCENES } from './scenario.ts';
import { type RunningService, startService } from './service.ts';
import { type BuyerSaw, startUserAgents, type UserAgents } from './user-agents.ts';
import { startWebhookReceiver, type WebhookReceiver } from './webhook-receiver.ts';

const SETTLE_LIMIT_MS = 15_000;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

interface Stage {
  readonly service: RunningService;
  readonly agents: UserAgents;
  readonly webhooks: WebhookReceiver;
}

/** Plays a scene; the promise inside resolves when the buyer has posted back, which may be long after. */
async function play(
  scene: DemoScene,
  { service, agents }: Stage,
): Promise<{ saw: BuyerSaw; postedBack: Promise<void> }> {
  const ladder = new Ladder(scene.title, say);
  const saw = await agents.call(NUMBER, service.sip, { ...scene, ladder });
  return { saw, postedBack: postBack(scene, saw, service) };
}

async function postBack(
  { postback }: DemoScene,
  { buyer, uuid, key }: BuyerSaw,
  service: RunningService,
): Promise<void> {
  if (postback === undefined) return;
  await new Promise((resolve) => setTimeout(resolve, postback.afterMs));
  const response = await fetch(`${service.http}/calls/${uuid}/set_value?key=${key}&${postback.query}`);
  const { status, revenue, payout } = (await response.json()) as Record<string, string>;
  say('');
  say(`  ${bold(buyer)} ${dim('posts back')} GET /calls/${uuid}/set_value?key=${maskKey(key)}&${bold(postback.query)}`);
  say(`  ${dim('answer')} ${response.status} ${green(`${status}`)} revenue ${revenue} payout ${payout}`);
}

/** Asks until every call is decided and its webhooks have come, or the time is up. */
async function settled(calls: readonly BuyerSaw[], { service, webhooks }: Stage): Promise<CallReport[]> {
  const deadline = performance.now() + SETTLE_LIMIT_MS;
  for (;;) {
    const reports = await Promise.all(calls.map(({ uuid }) => fetchReport(service.http, uuid, webhooks.received)));
    const open = reports.some((report, index) => problemsOf(report, SCENES[index]!.expected).length > 0);
    if (!open || performance.now() > deadline) return reports;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function showTable(reports: readonly CallReport[]): void {
  const clock = (time: string | null) => time?.slice(11, 23) ?? dim('never');
  const columns = [
    'call',
    'buyer',
    'answered',
    'ended',
    'connected',
    'revenue',
    'payout',
    'state',
    'webhooks received',
  ];
  const right = new Set(['connected', 'revenue', 'payout']);
  const heads = columns.map((head) => (right.has(head) ? { head, align: 'right' as const } : { head }));
  const rows = reports.map((report, index) => [
    `${index + 1}`,
    report.buyer,
    clock(report.answerTime),
    clock(report.endTime),
    `${report.connectedSeconds} s`,
    report.revenue,
    report.payout,
    (report.state === 'converted' ? green : yellow)(report.late ? `${report.state}, late` : report.state),
    report.webhooks.join(', '),
  ]);
  say('');
  say(formatTable(heads, rows));
  say('');
}

/** True if every expectation held; says which did not. */
function judge(reports: readonly CallReport[]): boolean {
  const problems = reports.flatMap((report, index) =>
    problemsOf(report, SCENES[index]!.expected).map((problem) => `call ${index + 1}: ${problem}`),
  );
  for (const problem of problems) say(`  ${red('✗')} ${problem}`);
  if (problems.length === 0) {
    say(`  ${green('✓')} ${bold('Every call, sale and webhook came out as it should.')}`);
  }
  return problems.length === 0;
}

async function keepRunning({ service }: Stage, { uuid, key }: BuyerSaw): Promise<void> {
  say('');
  say(`  ${bold('Still running.')} SIP ${service.sip}, HTTP ${service.http}, log ${service.logFile}`);
  say(`  Correct the first sale:  curl '${service.http}/calls/${uuid}/set_value?key=${key}&revenue=12.00'`);
  say(`  Read the call:           curl '${service.http}/api/v1/calls/${uuid}'`);
  say(`  ${dim('Ctrl-C stops it.')}`);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
}

async function run(folder: string, keep: boolean): Promise<boolean> {
  const webhooks = await startWebhookReceiver();
  const agents = await startUserAgents();
  const accountFile = join(folder, 'account.yaml');
  writeFileSync(accountFile, demoAccountFile({ buyers: agents.address, webhooks: webhooks.baseUrl }));
  const service = await startService(folder, accountFile);
  try {
    const stage = { service, agents, webhooks };
    say(`  ${bold('sip-postback-bridge')} ${dim(`is running: SIP ${service.sip}, HTTP ${service.http}`)}`);
    const calls: BuyerSaw[] = [];
    const postbacks: Promise<void>[] = [];
    for (const scene of SCENES) {
      const { saw, postedBack } = await play(scene, stage);
      calls.push(saw);
      postbacks.push(postedBack);
      if (scene.postback !== undefined && scene.postback.afterMs < 1000) await postedBack;
    }
    say('');
    say(`  ${dim('Waiting for the windows of calls 3 and 4 to run out …')}`);
    await Promise.all(postbacks);
    const reports = await settled(calls, stage);
    showTable(reports);
    const held = judge(reports);
    if (keep) await keepRunning(stage, calls[0]!);
    return held;
  } finally {
    await service.stop();
    await agents.close();
    webhooks.close();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'sip-postback-bridge-demo-'));
const startedAt = performance.now();
try {
  const held = await run(folder, process.argv.includes('--keep'));
  say(`  ${dim(`${((performance.now() - startedAt) / 1000).toFixed(0)} seconds`)}`);
  rmSync(folder, { recursive: true });
  process.exit(held ? 0 : 1);
} catch (error) {
  say(red(`  The demo failed: ${(error as Error).message}`));
  say(`  Its files are kept in ${folder}`);
  process.exit(1);
}
