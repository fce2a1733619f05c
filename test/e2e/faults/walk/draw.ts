import fc from "fast-check";

/** What several commands are drawn from: few triggers, so that a walk comes back to earlier ones. */
export const letter = fc.constantFrom("a", "b", "c");

/** The second host is not always there. */
export const someHost = fc.constantFrom(0, 0, 1);
