package main

import (
	dirsync "github.com/exchange-dirsync/exchange-dirsync/sdk/go/exchangedirsync"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		conf := config.New(ctx, "")

		// The value on one Exchange host, and one dirsync cycle each time the trigger changes.
		exchange, err := dirsync.NewPauseKicksDX(ctx, "EXCH01", &dirsync.PauseKicksDXArgs{
			Role: dirsync.RoleRequestor,
			Ssh: &dirsync.SshArgs{
				Host:       pulumi.String(conf.Require("host")),
				User:       pulumi.String("Administrator"),
				HostKey:    pulumi.String(conf.Require("hostKey")),
				PrivateKey: conf.RequireSecret("privateKey"),
			},
			Cycle: &dirsync.CycleArgs{Triggers: []string{conf.Require("trigger")}},
			// Another value makes the next update inspect the host and repair drift.
			Verify: pulumi.String(conf.Get("verify")),
		})
		if err != nil {
			return err
		}
		ctx.Export("value", exchange.Value)
		ctx.Export("previous", exchange.Previous)
		ctx.Export("restarted", exchange.Restarted)
		ctx.Export("kickedAt", exchange.KickedAt)
		ctx.Export("evidence", exchange.Evidence)
		return nil
	})
}
