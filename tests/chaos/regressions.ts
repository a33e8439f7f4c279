// Seeds of rounds that are always played: between them they have every kind of fault, and those that
// once failed are here with what they found.
export const regressions: readonly number[] = [1, 2, 3];
