/** The oldest Pulumi CLI that this package supports. Without an import, so that command lines can load it fast. */
export const OLDEST_PULUMI = "3.245.0";
