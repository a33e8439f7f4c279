// Ids of messages: at most twelve characters, since every viewer gets every one of them.

const countersMax = 36 ** 4;

function randomCharacters(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(6))));
}

/**
 * Makes ids of eight random characters and a counter. That two clients have the same eight is as
 * likely as one in 10^14; and ids that share them compress better than ids that are all random.
 */
export function idMaker(counter = 0): () => string {
  let prefix = randomCharacters();
  return () => {
    if (counter === countersMax) {
      prefix = randomCharacters();
      counter = 0;
    }
    return prefix + (counter++).toString(36);
  };
}
