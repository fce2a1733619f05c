/** A program that does nothing but load the SDK, as every Pulumi program does. */
import "@pulumi/pulumi";
