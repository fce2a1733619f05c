import pulumi
import pulumi_exchange_dirsync as dirsync

config = pulumi.Config()
user = config.get("user") or "Administrator"

login = dirsync.SshArgs(
    host=config.require("exchangeHost"),
    port=config.get_int("exchangePort") or 22,
    user=user,
    host_key=config.require("exchangeHostKey"),
    private_key=config.require_secret("exchangeKey"),
)

# Next to a cutover the host has no cycle of its own: the cutover starts the cycle between its steps.
exchange = dirsync.PauseKicksDX("EXCH01", role=dirsync.Role.REQUESTOR, ssh=login)

# Another value of `run` repeats the whole cutover.
cutover = dirsync.PostOfficeCutover(
    "harbor",
    run=config.require("run"),
    exchange=dirsync.ExchangeArgs(
        name="EXCH01", role=dirsync.Role.REQUESTOR, ssh=login
    ),
    post_offices=[
        dirsync.PostOfficeArgs(
            name="PO-HARBOR",
            role=dirsync.Role.SERVER,
            ssh=dirsync.SshArgs(
                host=config.require("officeHost"),
                port=config.get_int("officePort") or 22,
                user=user,
                host_key=config.require("officeHostKey"),
                private_key=config.require_secret("officeKey"),
            ),
            drive="X",
            directory=config.get("directory") or "C:\\MAILEXE",
            admin="admin",
            admin_password=config.require_secret("adminPassword"),
        )
    ],
    waits=dirsync.WaitsArgs(
        t1_delivered=dirsync.WaitArgs(
            host="PO-HARBOR",
            command="type X:\\LOG\\RECV.LOG",
            contains=config.get("sender") or "SYSTEM1",
        ),
        t2_delivered=dirsync.WaitArgs(seconds=config.get_int("answerSeconds") or 600),
    ),
    opts=pulumi.ResourceOptions(depends_on=[exchange]),
)

pulumi.export("previous", exchange.previous)
pulumi.export("steps", cutover.steps)
