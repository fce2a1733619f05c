/** Every host answers on both, at the same port: the second one is where it has "moved" to. */
export const ADDRESSES = ["127.0.0.1", "127.0.0.2"] as const;
