package main

import (
	dirsync "github.com/exchange-dirsync/exchange-dirsync/sdk/go/exchangedirsync"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		conf := config.New(ctx, "")
		login := &dirsync.SshArgs{
			Host:       pulumi.String(conf.Require("exchangeHost")),
			User:       pulumi.String("Administrator"),
			HostKey:    pulumi.String(conf.Require("exchangeHostKey")),
			PrivateKey: conf.RequireSecret("exchangeKey"),
		}

		// Next to a cutover the host has no cycle of its own: the cutover starts the cycle between its steps.
		exchange, err := dirsync.NewPauseKicksDX(ctx, "EXCH01", &dirsync.PauseKicksDXArgs{
			Role: dirsync.RoleRequestor,
			Ssh:  login,
		})
		if err != nil {
			return err
		}

		// Another value of Run repeats the whole cutover.
		cutover, err := dirsync.NewPostOfficeCutover(ctx, "harbor", &dirsync.PostOfficeCutoverArgs{
			Run: pulumi.String(conf.Require("run")),
			Exchange: dirsync.ExchangeArgs{
				Name: "EXCH01",
				Role: dirsync.RoleRequestor,
				Ssh:  login,
			},
			PostOffices: []dirsync.PostOfficeArgs{{
				Name: "PO-HARBOR",
				Role: dirsync.RoleServer,
				Ssh: dirsync.SshArgs{
					Host:       pulumi.String(conf.Require("officeHost")),
					User:       pulumi.String("Administrator"),
					HostKey:    pulumi.String(conf.Require("officeHostKey")),
					PrivateKey: conf.RequireSecret("officeKey"),
				},
				Drive:         "X",
				Directory:     `C:\MAILEXE`,
				Admin:         "admin",
				AdminPassword: conf.RequireSecret("adminPassword"),
			}},
			Waits: dirsync.WaitsArgs{
				T1Delivered: dirsync.WaitArgs{
					Host:     pulumi.StringRef("PO-HARBOR"),
					Command:  pulumi.StringRef(`type X:\LOG\RECV.LOG`),
					Contains: pulumi.StringRef("SYSTEM1"),
				},
				T2Delivered: dirsync.WaitArgs{Seconds: pulumi.IntRef(600)},
			},
		}, pulumi.DependsOn([]pulumi.Resource{exchange}))
		if err != nil {
			return err
		}
		ctx.Export("previous", exchange.Previous)
		ctx.Export("steps", cutover.Steps)
		return nil
	})
}
