package main

import (
	dirsync "github.com/exchange-dirsync/exchange-dirsync/sdk/go/exchangedirsync"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

type host struct {
	Name    string
	Role    dirsync.Role
	Host    string
	HostKey string
}

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		conf := config.New(ctx, "")
		var hosts []host
		conf.RequireObject("hosts", &hosts)

		// All hosts start a cycle when the trigger changes. They run in parallel.
		var evidence pulumi.Array
		for _, entry := range hosts {
			exchange, err := dirsync.NewPauseKicksDX(ctx, entry.Name, &dirsync.PauseKicksDXArgs{
				Role: entry.Role,
				Ssh: &dirsync.SshArgs{
					Host:       pulumi.String(entry.Host),
					User:       pulumi.String("Administrator"),
					HostKey:    pulumi.String(entry.HostKey),
					PrivateKey: conf.RequireSecret("privateKey"),
				},
				Cycle: &dirsync.CycleArgs{Triggers: []string{conf.Require("trigger")}},
			})
			if err != nil {
				return err
			}
			evidence = append(evidence, exchange.Evidence)
		}
		ctx.Export("evidence", evidence)
		return nil
	})
}
