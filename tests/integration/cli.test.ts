// What a person at a shell meets: wrong flags, help, and which setting wins.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { binary } from './harness/binary.ts';
import { Child, environment } from './harness/child.ts';
import { test, type Stage } from './harness/stage.ts';

async function run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Child> {
  const child = new Child(binary, args, { env: environment(env) });
  child.endInput();
  await child.exited();
  child.assertHealthy();
  return child;
}

for (const [args, named] of [
  [['server', '--prot=8080'], '--port'], // it says what was meant
  [['server', '--port=high'], '--port'],
  [['server', '--port=70000'], '--port'],
  [['server', '--history-window=5 parsecs'], '--history-window'],
  [['server', '--message-bytes-max=-1'], '--message-bytes-max'],
  [['server', '--rate-limit=fast'], '--rate-limit'],
  [['server', '--slow-viewer=wait'], '--slow-viewer'],
  [['server', '--id=me'], '--id'],
  [['server', '--redis=http://x'], '--redis'],
  [['server', '--threads'], '--threads'],
  [['server', 'stray'], 'stray'],
  [['balancer', '--servers-min=lots'], '--servers-min'],
  [['up', '--server-threads=none'], '--server-threads'],
  [['chat', '--server=http://x'], '--server'],
  [['dance'], 'dance'],
] as const) {
  test(`${args.join(' ')}: exit 2 and one sentence that names it`, async () => {
    const child = await run(args);
    expect(child.exit, child.stderr).toEqual({ code: 2, signal: null });
    expect(child.stdout).toBe('');
    expect(child.stderrLines).toHaveLength(1);
    expect(child.stderr).toContain(named);
  });
}

for (const command of ['up', 'server', 'balancer', 'plan', 'chat', 'echo']) {
  test(`${command} --help shows its flags and an example`, async () => {
    const child = await run([command, '--help']);
    expect(child.exit).toEqual({ code: 0, signal: null });
    expect(child.stdout).toContain(`spillway ${command}`);
    expect(child.stdout).toMatch(/example/i);
    expect(child.stderr).toBe('');
  });
}

test('--version says version and commit', async () => {
  const child = await run(['--version']);
  expect(child.exit).toEqual({ code: 0, signal: null });
  expect(child.stdout).toMatch(/^spillway \d+\.\d+\.\d+ \(([\da-f]{12}|no commit)\)\n$/);
});

function configFile(stage: Stage, text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'spillway-config-'));
  stage.onEnd(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'spillway.toml');
  writeFileSync(path, text);
  return path;
}

/** How many bytes the longest message of a server has, found by saying too much. */
async function messageLimit(
  stage: Stage,
  flags: Record<string, string>,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const server = await stage.server(await stage.redis(), flags, { env });
  const viewer = await stage.viewer(server);
  await viewer.join('lobby');
  viewer.chat('x'.repeat(2000), { id: 'long' });
  await viewer.until(() => viewer.errors.length > 0);
  expect(viewer.errors[0]?.code).toBe('message_too_long');
  return /\d+/.exec(viewer.errors[0]?.message ?? '')?.[0] ?? '';
}

test('flags beat the environment, the environment beats the file, the file beats defaults', async ({
  stage,
}) => {
  const config = configFile(stage, '[server]\nmessage-bytes-max = "101B"\n');
  const env = { SPILLWAY_MESSAGE_BYTES_MAX: '102B' };
  const flag = { 'message-bytes-max': '103B' };
  expect(await messageLimit(stage, { config }, {})).toBe('101');
  expect(await messageLimit(stage, { config }, env)).toBe('102');
  expect(await messageLimit(stage, { config, ...flag }, env)).toBe('103');
  expect(await messageLimit(stage, flag, {})).toBe('103');
});

test('what is wrong in the environment or the file is named', async ({ stage }) => {
  const redis = ['--redis=unix:///nowhere'];
  const wrongEnv = await run(['server', ...redis], { SPILLWAY_THREADS: 'many' });
  expect(wrongEnv.exit?.code).toBe(2);
  expect(wrongEnv.stderr).toContain('SPILLWAY_THREADS');
  const unknownKey = configFile(stage, '[server]\nthraeds = 2\n');
  const wrongKey = await run(['server', ...redis, `--config=${unknownKey}`]);
  expect(wrongKey.exit?.code).toBe(2);
  expect(wrongKey.stderr).toContain('thraeds');
  expect(wrongKey.stderrLines).toHaveLength(1);
  const noToml = await run(['server', ...redis, `--config=${configFile(stage, '[server\n')}`]);
  expect(noToml.exit?.code).toBe(2);
  expect(noToml.stderrLines).toHaveLength(1);
  const noFile = await run(['server', ...redis, '--config=/nowhere/spillway.toml']);
  expect([1, 2]).toContain(noFile.exit?.code);
  expect(noFile.stderr).toContain('/nowhere/spillway.toml');
});
