// The mock keeps the contracts in contracts/, judged by an independent runner, Redocly Respect; a mock of a document
// that was changed does not. Environment: STANDIN_BIN names the program; STANDIN_REWRITE=1 fetches the copy of the
// control interface's document anew. `npm ci` in tests/lint installs the runner.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { ROOT, startMock } from '../node/mock.mjs';

const REDOCLY = join(ROOT, 'tests/lint/node_modules/@redocly/cli/bin/cli.js');
const CONTROL = join(ROOT, 'contracts/control.openapi.json');
const LIMIT = { timeout: 60_000 };
const WORKFLOWS = {
  'device-sessions': ['create-session', 'identifier-missing', 'identifier-invalid', 'session-token-expires'],
  rhombus: ['generate-token', 'api-key-missing', 'auth-scheme-missing', 'auth-scheme-unknown', 'token-expires'],
  rockitplay: ['authenticate', 'session-token-missing', 'session-token-expires', 'backend-token-expires'],
};

let folder, mock;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'standin-contracts-'));
  mock = await startMock();
});

after(async () => {
  rmSync(folder, { recursive: true, force: true });
  await mock?.stop();
});

test('the copy of the control interface document is what is served', LIMIT, async () => {
  // Few tools match a media type that is declared with parameters, so the copy has none.
  const served = (await (await fetch(`${mock.url}/_standin/openapi.json`)).text()).replaceAll('; charset=utf-8"', '"');
  const pretty = `${JSON.stringify(JSON.parse(served), null, 2)}\n`;
  if (process.env.STANDIN_REWRITE) writeFileSync(CONTROL, pretty);
  assert.equal(readFileSync(CONTROL, 'utf8'), pretty, 'it is stale: STANDIN_REWRITE=1 fetches it anew');
});

test('the contracts pass the linter', LIMIT, async () => {
  const contracts = Object.keys(WORKFLOWS).map(contract);
  const { code, said } = await redocly('lint', '--format', 'json', ...contracts);
  assert.equal(code, 0, said);
  const found = [...said.matchAll(/"(?:errors|warnings|ignored)": (\d+)/g)].map(([, count]) => Number(count));
  assert.deepEqual(found, Array(3 * contracts.length).fill(0), said);
});

for (const [name, workflows] of Object.entries(WORKFLOWS)) {
  test(`${name}: the mock keeps the contract`, LIMIT, async () => {
    const { code, said, results, strays } = await respect(name, mock.url);
    assert.equal(code, 0, said);
    assert.deepEqual(results, Object.fromEntries(workflows.map((workflow) => [workflow, true])));
    assert.deepEqual(strays, []);
    await assertClockIsReset(mock.url);
  });
}

const BROKEN = [
  ['rockitplay', 'the backend token lives 10 minutes', /lifetime of 5(m|\s+minutes)/g, 'lifetime of 10$1', [
    'backend-token-expires',
  ]],
  ['rockitplay', 'the session token lives 23 hours', /lives 24 h/g, 'lives 23 h', ['session-token-expires']],
  ['rockitplay', 'an ended session token gets a 403', /'401'(?=:\s+description: token-expired)/, "'403'", [
    'session-token-expires',
  ]],
  ['rhombus', 'no API key is required', '- apiKey: []', '- {}', ['api-key-missing']],
  ['rhombus', 'the token lives an hour', /durationSec/g, 'seconds', ['token-expires']],
  ['device-sessions', 'an identifier may be empty', 'minLength: 1', 'minLength: 0', ['identifier-invalid']],
];

for (const [name, change, from, to, broken] of BROKEN) {
  test(`${name}: where ${change}, the mock breaks the contract`, LIMIT, async () => {
    await withChanged(name, from, to, async (url) => {
      const { code, said, results } = await respect(name, url);
      assert.notEqual(code, 0, said);
      const failed = Object.keys(results).filter((workflow) => !results[workflow]);
      assert.deepEqual(failed, broken, said);
      await assertClockIsReset(url);
    });
  });
}

test('rockitplay: where an app has no name, an answer strays from its schema', LIMIT, async () => {
  const nameless = /\n +name: Moon Race|(?<=required: \[id), name/g;
  await withChanged('rockitplay', nameless, '', async (url) => {
    const { strays } = await respect('rockitplay', url);
    assert.match(strays.join('\n'), /^authenticate, list-apps: REQUIRED must have required property 'name'/);
  });
});

// Serves a built-in document with a change.
async function withChanged(name, from, to, judge) {
  const document = join(folder, `${name}.yaml`);
  const sound = readFileSync(join(ROOT, `openapi/${name}.yaml`), 'utf8');
  const changed = sound.replace(from, to);
  assert.notEqual(changed, sound);
  writeFileSync(document, changed);
  const other = await startMock(document);
  try {
    await judge(other.url);
  } finally {
    await other.stop();
  }
}

function contract(name) {
  return `contracts/${name}.arazzo.yaml`;
}

// Runs a contract against a mock. Tells which workflows passed, and which answers stray from their schema.
async function respect(name, url) {
  const log = join(folder, 'respect.json');
  const servers = `${name}=${url},control=${url}/_standin`;
  // What the runner's schema check finds is told here and judged in strays(), for it is stricter than the schemas.
  const lenient = ['--severity', 'SCHEMA_CHECK=warn'];
  const { code, said } = await redocly('respect', contract(name), '-S', servers, '--json-output', log, ...lenient);
  const { executedWorkflows } = Object.values(JSON.parse(readFileSync(log, 'utf8')).files)[0];
  const passed = ({ status }) => status === 'success' || status === 'warn';
  const results = Object.fromEntries(executedWorkflows.map((run) => [run.workflowId, passed(run)]));
  return { code, said, results, strays: executedWorkflows.flatMap(strays) };
}

// What is wrong with the answers of a workflow by their schemas. The runner takes a schema that mentions no further
// fields for one that forbids them, which OpenAPI does not: a problem document (RFC 9457) may have `errors` as well.
function strays({ workflowId, executedSteps }) {
  const allowed = 'UNEVALUATEDPROPERTIES must NOT have unevaluated properties: "errors".';
  // What a failure action runs is a workflow among the steps.
  const steps = executedSteps.flatMap((step) => step.executedSteps ?? [step]);
  return steps.flatMap(({ stepId, checks }) =>
    checks
      .filter(({ name, passed }) => name === 'schema check' && !passed)
      .flatMap(({ message }) => stripVTControlCharacters(message).match(/^ *[A-Z]{2,} .+$/gm) ?? [message])
      .map((line) => line.trim())
      .filter((line) => line !== allowed)
      .map((line) => `${workflowId}, ${stepId}: ${line}`),
  );
}

async function assertClockIsReset(url) {
  const { now, frozen } = await (await fetch(`${url}/_standin/clock`)).json();
  assert.equal(frozen, false);
  assert.ok(Math.abs(Date.parse(now) - Date.now()) < 60_000, now);
}

// Runs the linter or the runner with the project's configuration; it sends nothing home and asks for no newer version.
function redocly(...words) {
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', NO_COLOR: '1' };
  for (const name of ['FORCE_COLOR', 'HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy']) delete env[name];
  return new Promise((done) => {
    const options = { cwd: ROOT, env, timeout: 50_000, maxBuffer: 1 << 26 };
    execFile(process.execPath, [REDOCLY, ...words], options, (error, stdout, stderr) =>
      done({ code: error ? (error.code ?? error.signal) : 0, said: stdout + stderr }),
    );
  });
}
