module dirsync-one-host

go 1.24

require (
	github.com/exchange-dirsync/exchange-dirsync/sdk/go v0.1.0
	github.com/pulumi/pulumi/sdk/v3 v3.206.0
)
