#!/bin/sh
# apt-install.sh PACKAGE...: installs Debian packages without starting, now or at the next boot, the SSH and SMB servers
# that they bring: the lab runs servers of its own, and a machine's owner did not ask for a port 22 or 445. A server that
# was there before stays as it is. A shell script, because it tidies up even when the program that called it is killed.
policy=/usr/sbin/policy-rc.d
sshd=$(dpkg-query -W -f '${db:Status-Status}' openssh-server 2>/dev/null)
smbd=$(dpkg-query -W -f '${db:Status-Status}' samba 2>/dev/null)

tidy() {
	[ -z "$policy_is_ours" ] || rm -f "$policy"
	if [ "$sshd" != installed ] && [ -e /usr/sbin/sshd ]; then
		update-rc.d ssh disable
	fi
	if [ "$smbd" != installed ] && [ -e /usr/sbin/smbd ]; then
		for service in smbd nmbd samba-ad-dc; do
			update-rc.d "$service" disable
		done
	fi
}
trap tidy EXIT
trap 'exit 130' HUP INT TERM

# Debian asks this file before it starts a service; somebody else's stays.
if [ ! -e "$policy" ]; then
	policy_is_ours=yes
	printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy" || exit
fi

export DEBIAN_FRONTEND=noninteractive
# An installation that was broken off, by Ctrl-C here for one, is in the way of every further one.
dpkg --configure -a
# A source that cannot be read does not matter if the packages are found: the installation decides.
apt-get -y -o DPkg::Lock::Timeout=300 update
apt-get -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "$@"
