/**
 * The oldest Pulumi CLI that this package supports. This module has no imports, so that command line tools load it
 * fast.
 */
export const OLDEST_PULUMI = "3.245.0";
