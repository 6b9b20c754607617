// The program under test, for the tests that node runs. STANDIN_BIN names it; else it is the one that was built.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PATIENCE = 15_000;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));

// Starts a mock of the documents, or of the built-in APIs where none is named, and waits until it answers.
export async function startMock(...documents) {
  const folder = mkdtempSync(join(tmpdir(), 'standin-mock-'));
  const ready = join(folder, 'ready');
  const program = standinPath();
  const child = spawn(program, ['mock', '--port', '0', '--ready-file', ready, ...documents], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  let ended = false;
  const end = new Promise((done) => {
    child.on('error', (error) => ((said += error), done((ended = true))));
    child.on('close', (code, signal) => ((said += `it ended with ${code ?? signal}`), done((ended = true))));
  });
  // Whatever ends this test also ends the mock.
  const kill = () => {
    if (!ended) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  process.on('exit', kill);
  const stop = async () => {
    if (!ended) child.kill('SIGTERM');
    await Promise.race([end, sleep(PATIENCE, undefined, { ref: false })]);
    kill();
    process.off('exit', kill);
  };
  for (let tries = 0; tries < 300 && !ended; tries += 1) {
    const url = existsSync(ready) ? readFileSync(ready, 'utf8') : '';
    if (url.endsWith('\n')) return { url: url.trim(), stop };
    await sleep(50);
  }
  await stop();
  throw new Error(`${program} did not serve:\n${said}`);
}

function standinPath() {
  const named = process.env.STANDIN_BIN;
  if (named) return resolve(named);
  const built = ['target/release/standin', 'target/debug/standin'].map((path) => join(ROOT, path));
  const found = built.find((path) => existsSync(path));
  if (!found) throw new Error('there is no program to test: build it, or name it in STANDIN_BIN');
  return found;
}
