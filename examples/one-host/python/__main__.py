import pulumi
import pulumi_exchange_dirsync as dirsync

config = pulumi.Config()

# The value on one Exchange host, and one dirsync cycle each time the trigger changes.
exchange = dirsync.PauseKicksDX(
    "EXCH01",
    role=dirsync.Role.REQUESTOR,
    ssh=dirsync.SshArgs(
        host=config.require("host"),
        port=config.get_int("port") or 22,
        user=config.get("user") or "Administrator",
        host_key=config.require("hostKey"),
        private_key=config.require_secret("privateKey"),
    ),
    cycle=dirsync.CycleArgs(triggers=[config.get("trigger") or "initial-import"]),
    # Another value makes the next update inspect the host and repair drift.
    verify=config.get("verify") or "",
)

pulumi.export("value", exchange.value)
pulumi.export("previous", exchange.previous)
pulumi.export("restarted", exchange.restarted)
pulumi.export("kickedAt", exchange.kicked_at)
pulumi.export("evidence", exchange.evidence)
