import fc from "fast-check";

/** The triggers. They are few, so that a walk uses earlier ones again. */
export const letter = fc.constantFrom("a", "b", "c");

/** The number of a host. The second host is drawn less often, because it is not always declared. */
export const someHost = fc.constantFrom(0, 0, 1);
