# Installs packages with apt and leaves no service of theirs started or enabled.
#
# usage: sh -c "$(cat install.sh)" install ROOT PACKAGE...
#
# ROOT is empty but in tests, which have a folder that looks like a machine's root. Needs root's rights.

root=$1
shift
policy=$root/usr/sbin/policy-rc.d
saved=$policy.pigonair-saved
units=$root/etc/systemd/system
mark='# temporary, made by pigonair while it installs packages'

export DEBIAN_FRONTEND=noninteractive LC_ALL=C

# One at a time; the lock ends with this shell.
mkdir -p "$root/run/lock"
exec 9>"$root/run/lock/pigonair-install" || exit
flock 9 || exit

# What apt's scripts ask before they start a service; 101 says no.
forbid_starts() {
	if [ -e "$policy" ] || [ -L "$policy" ]; then
		mv "$policy" "$saved" || return
	fi
	printf '#!/bin/sh\n%s\nexit 101\n' "$mark" >"$policy" && chmod 755 "$policy"
}

# Also cleans up after one of us that was killed.
allow_starts() {
	if grep -qsF "$mark" "$policy"; then rm -f "$policy"; fi
	if [ -e "$saved" ] || [ -L "$saved" ]; then mv "$saved" "$policy"; fi
}

# What is enabled: links of systemd, and start links of the older kind.
enabled() {
	find "$units" -type l 2>/dev/null
	find "$root"/etc/rc[2-5S].d -name 'S*' 2>/dev/null
}

# Disables what is enabled now and was not before.
disable_new() {
	enabled | sort | comm -13 "$before" - | while read -r link; do
		case $link in
		"$units"/*) disable_unit "${link##*/}" ;;
		*) disable_script "${link##*/S[0-9][0-9]}" ;;
		esac
		# Aliases, and machines without systemd's or init's own tools.
		rm -f "$link"
	done
}

disable_unit() {
	command -v systemctl >/dev/null || return
	if [ -d "$root/run/systemd/system" ]; then
		systemctl disable --now "$1"
	else
		systemctl disable "$1"
	fi
}

disable_script() {
	command -v update-rc.d >/dev/null && update-rc.d "$1" disable
}

install() {
	apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"
}

before=$(mktemp) || exit
trap 'allow_starts; rm -f "$before"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
allow_starts
enabled | sort >"$before"
forbid_starts || exit

listed=$(find "$root/var/lib/apt/lists" -name '*_Packages*' 2>/dev/null | head -n 1)
if [ -z "$listed" ]; then
	apt-get update || exit
fi
# Lists that are there may be too old to fetch from.
install "$@" || { [ -n "$listed" ] && apt-get update && install "$@"; }
status=$?
disable_new >/dev/null 2>&1
exit "$status"
