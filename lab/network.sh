# The wires of one lab. Sourced after common.sh; LAB names the lab and NET is its first three numbers.
#
# The switch is a bridge in a network namespace of its own, so no packet between hosts passes the machine's
# firewall and none of its rules changes. The machine is plugged in as NET.254, the gateway is NET.253, which knows
# no way out and says so at once: a host that looks for the internet gets an error, not a silence.

switch_ns() { printf 'fp-%s\n' "$LAB"; }
host_ns() { printf 'fp-%s-%s\n' "$LAB" "$1"; }
machine_port() { printf 'fp-%s\n' "$LAB"; }

# Refuses a net that the machine already reaches some other way.
require_free_net() {
  taken=$({ ip -4 route show root "$NET.0/24" && ip -4 route show match "$NET.0/24"; } |
    grep -v -e '^default' -e " dev $(machine_port) " | head -n 1)
  [ -z "$taken" ] || die "$NET.0/24 is already routed on this machine ($taken); the lab does not share a net"
}

switch_on() {
  if ! ip -n "$(switch_ns)" link show port >/dev/null 2>&1 || ! ip link show "$(machine_port)" >/dev/null 2>&1; then
    switch_off # the remains of one that was killed half way
    ip netns add "$(switch_ns)"
    ip -n "$(switch_ns)" -batch - <<-WIRES
	link add switch type bridge
	link set lo up
	addr add $NET.253/24 dev switch
	link set switch up
	WIRES
    nsenter --net="/run/netns/$(switch_ns)" sh -c 'cd /proc/sys/net/ipv4 && echo 1 >ip_forward && echo 0 >icmp_ratelimit'
    ip link add "$(machine_port)" type veth peer name port netns "$(switch_ns)"
    ip -n "$(switch_ns)" link set port master switch up
  fi
  ip addr replace "$NET.254/24" dev "$(machine_port)"
  ip link set "$(machine_port)" up
}

switch_off() {
  ip link delete "$(machine_port)" 2>/dev/null || true
  ip netns delete "$(switch_ns)" 2>/dev/null || true
}

# plug_in NUMBER: an empty namespace with the address NET.NUMBER. The hardware address follows from the number:
# a host that was off comes back with the one its peers remember.
plug_in() {
  ns=$(host_ns "$1")
  unplug "$1"
  ip netns add "$ns"
  ip -n "$(switch_ns)" link add "h$1" type veth peer name eth0 netns "$ns"
  ip -n "$(switch_ns)" link set "h$1" master switch up
  ip -n "$ns" -batch - <<-WIRES
	link set eth0 address $(printf '02:fb:00:00:00:%02x' "$1")
	link set lo up
	link set eth0 up
	addr add $NET.$1/24 dev eth0
	route add default via $NET.253
	WIRES
}

unplug() { # NUMBER
  ip -n "$(switch_ns)" link delete "h$1" 2>/dev/null || true
  ip netns delete "$(host_ns "$1")" 2>/dev/null || true
}

# cut_wire FROM TO: from now on FROM's packets to TO are lost on the way; those of TO to FROM still arrive.
cut_wire() {
  mend_wire "$1" "$2"
  switch_rule -A "$1" "$2"
}

mend_wire() { # FROM TO
  switch_rule -D "$1" "$2" 2>/dev/null || true
}

# With the ebtables of the debian tree: the machine itself may have none.
switch_rule() { # -A|-D FROM TO
  nsenter --net="/run/netns/$(switch_ns)" chroot "$(tree_path debian)" \
    ebtables "$1" FORWARD -p IPv4 --ip-source "$NET.$2" --ip-destination "$NET.$3" -j DROP
}
