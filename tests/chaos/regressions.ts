// Seeds of rounds that are always played: between them they have every kind of fault, and those that
// once failed are here with what they found.
export const regressions: readonly number[] = [
  1, 2, 3,
  // A server that came back under its id after a kill counted the viewers of its former life, and
  // one whose Redis came back from an older state what that Redis remembered.
  100,
  // A server that came back under its id used batch numbers again that the one before had used, and
  // Redis took its first batch for a repeat: lines were acknowledged that stand nowhere.
  117,
];
