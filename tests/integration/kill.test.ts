// A server that dies without a word.
import { expect } from 'vitest';
import { test } from './harness/stage.ts';
import { eventually } from './harness/wait.ts';

test('kill -9 of one server: its viewers resume on the other and lose nothing', async ({
  stage,
}) => {
  const redis = await stage.redis();
  const [doomed, other] = [await stage.server(redis), await stage.server(redis)];
  let target = doomed.url;
  const followers = await Promise.all(
    Array.from({ length: 10 }, () => stage.follower({ room: 'lobby', pick: () => target })),
  );
  const talker = await stage.viewer(other);
  await talker.join('lobby');
  const lines = Array.from({ length: 400 }, (_, i) => `line ${i}`);
  const talking = stage.beside(talker.sayAll(lines, 3));
  await Promise.all(followers.map((follower) => follower.until(() => follower.lines.length > 50)));
  target = other.url;
  for (const follower of followers) follower.say('mine'); // its fate is open when the server dies
  await doomed.child.kill9();
  await talking;
  for (const follower of followers) {
    await follower.until(() => follower.unanswered === 0 && follower.lines.length === 410);
    expect(follower.url).toBe(other.url);
    expect(follower.unrecovered).toBe(0);
    expect(follower.texts.filter((text) => text.startsWith('line'))).toEqual(lines);
  }
});

test('with a balancer on the same Redis the counts are right within 10 s after kill -9', async ({
  stage,
}) => {
  const redis = await stage.redis();
  const client = await redis.client();
  const [doomed, other] = [await stage.server(redis), await stage.server(redis)];
  await stage.balancer(redis, { 'servers-min': 0 });
  for (const server of [doomed, other]) {
    for (const viewer of await stage.viewers(5, server)) await viewer.join('lobby');
  }
  const onlyThere = await stage.viewer(doomed);
  await onlyThere.join('elsewhere');
  const count = async (room: string): Promise<number> =>
    (await client.zScore('chat-rooms:clients', room)) ?? 0;
  await eventually(
    () => count('lobby'),
    (answer) => answer === 10,
  );
  await eventually(
    () => count('elsewhere'),
    (answer) => answer === 1,
  );

  await doomed.child.kill9();
  await eventually(
    () => count('lobby'),
    (answer) => answer === 5,
    10_000,
  );
  await eventually(
    () => count('elsewhere'),
    (answer) => answer === 0,
    10_000,
  );
  expect(await client.exists(`server:${doomed.id}`)).toBe(0);
  expect(await client.zRange('servers:clients', 0, -1)).toEqual([other.id]);
  const late = await stage.viewer(other);
  await eventually(
    () => late.join('lobby'),
    ({ viewers }) => viewers === 6,
  );
});
