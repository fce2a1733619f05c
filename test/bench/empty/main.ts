/** A program that does nothing, but loads what every Pulumi program does. */
import "@pulumi/pulumi";
