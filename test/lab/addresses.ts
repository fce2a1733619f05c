/** Every host listens on both addresses, at the same port. The second one simulates a moved host. */
export const ADDRESSES = ["127.0.0.1", "127.0.0.2"] as const;
