#!/usr/bin/env bash
# Installs what `quorate lab` runs on Debian 12: PostgreSQL 15, etcd and Patroni 3.0 as packages, and
# newer Patroni and etcd unpacked beside each other, where nothing but the lab finds them.
# Safe to run again: does only what is missing. Prints one line for each thing it did.
set -euo pipefail
exec </dev/null
export DEBIAN_FRONTEND=noninteractive LC_ALL=C

packages_dir=${QUORATE_LAB_PACKAGES:-/var/cache/quorate/lab-packages}
# python3-idna: without it Patroni fails at every TLS connection that it opens once python3-etcd has put
# pyOpenSSL below urllib3; Debian only recommends it. systemd: systemd-analyze reads the units' drop-ins; nothing
# is started by it.
system_packages=(
  postgresql-15 etcd-server etcd-client patroni python3-etcd python3-psycopg2 python3-yaml python3-idna
  iproute2 util-linux systemd
)
work=

main() {
  check_machine
  install_system_packages
  # folder, Debian release, packages
  unpack patroni-4.0 trixie patroni
  unpack patroni-4.1 forky patroni
  unpack etcd-3.5 trixie etcd-server etcd-client
}

check_machine() {
  [[ $(id -u) == 0 ]] || stop "must run as root"
  [[ -r /etc/os-release ]] || stop "this is not Debian 12"
  # shellcheck source=/dev/null
  (. /etc/os-release && [[ ${ID-} == debian && ${VERSION_ID-} == 12 ]]) || stop "this is not Debian 12"
}

install_system_packages() {
  local package missing=()
  for package in "${system_packages[@]}"; do
    is_installed "$package" || missing+=("$package")
  done
  [[ ${#missing[@]} -gt 0 ]] || return 0
  apt_get update || say "apt-get update had failures; going on with the lists that are there"
  prepare_quiet_install
  apt_get install -y --no-install-recommends "${missing[@]}" || stop "apt-get could not install ${missing[*]}"
  say "installed ${missing[*]}"
}

# No cluster 15/main that nobody asked for, and no service started: invoke-rc.d obeys policy-rc.d. What
# the machine has of either already is left as it is.
prepare_quiet_install() {
  if [[ ! -e /usr/sbin/policy-rc.d ]]; then
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
    chmod 755 /usr/sbin/policy-rc.d
    trap 'rm -f /usr/sbin/policy-rc.d; clean_up' EXIT
  fi
  if ! is_installed postgresql-common && [[ ! -e /etc/postgresql-common/createcluster.conf ]]; then
    apt_get install -y --no-install-recommends postgresql-common || stop "apt-get could not install postgresql-common"
    sed -i 's/^#\? *create_main_cluster *=.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf
    say "installed postgresql-common, set not to create a cluster by itself"
  fi
}

# unpack FOLDER RELEASE PACKAGE...: complete or not there at all.
unpack() {
  local folder=$1 release=$2 packages=("${@:3}") target deb
  target=$packages_dir/$folder
  [[ ! -d $target ]] || return 0
  prepare_release "$release"
  rm -rf "$work/debs" "$work/root"
  mkdir -p "$work/debs" "$work/root"
  (cd "$work/debs" && apt_get "${release_options[@]}" download "${packages[@]}") ||
    stop "apt-get could not download ${packages[*]} of $release"
  for deb in "$work"/debs/*.deb; do dpkg -x "$deb" "$work/root"; done
  # Patroni runs as a user who cannot write bytecode here; compiled, it starts a second earlier.
  if [[ -d $work/root/usr/lib/python3 ]]; then /usr/bin/python3 -m compileall -q "$work/root/usr/lib/python3"; fi
  chmod -R a+rX "$work/root"
  mv -T "$work/root" "$target"
  say "unpacked $(cd "$work/debs" && echo *.deb) of $release to $target"
}

# Sets release_options so that apt-get sees one other release, and the machine's own lists stay as they are.
prepare_release() {
  local release=$1 dir
  if [[ -z $work ]]; then
    mkdir -p "$packages_dir"
    work=$(mktemp -d "$packages_dir/.unpack.XXXXXX")
    chmod 755 "$work" "$packages_dir"
    [[ -n $(trap -p EXIT) ]] || trap clean_up EXIT
  fi
  dir=$work/$release
  release_options=(
    -o "Dir::Etc::SourceList=$dir/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o "Dir::State::lists=$dir/lists" -o "Dir::Cache=$dir/cache" -o APT::Sandbox::User=root
  )
  [[ ! -e $dir/sources.list ]] || return 0
  mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(archive_uri) $release main" >"$dir/sources.list"
  apt_get "${release_options[@]}" update || stop "apt-get could not read the list of $release"
}

# The archive that this machine already uses, from either form of apt's sources.
archive_uri() {
  local uri=
  if [[ -r /etc/apt/sources.list.d/debian.sources ]]; then
    uri=$(awk '$1 == "URIs:" { print $2; exit }' /etc/apt/sources.list.d/debian.sources)
  fi
  if [[ -z $uri && -r /etc/apt/sources.list ]]; then
    uri=$(awk '$1 == "deb" { for (i = 2; i <= NF; i++) if ($i ~ /^[a-z+]+:\/\//) { print $i; exit } }' /etc/apt/sources.list)
  fi
  [[ -n $uri ]] || stop "no Debian archive in apt's sources"
  echo "$uri"
}

apt_get() {
  # Quiet unless it fails: then its own words say why.
  local log code=0
  log=$(mktemp)
  apt-get "$@" >"$log" 2>&1 || code=$?
  [[ $code == 0 ]] || cat "$log" >&2
  rm -f "$log"
  return "$code"
}

is_installed() {
  [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

clean_up() {
  if [[ -n $work ]]; then rm -rf "$work"; fi
}

say() {
  echo "lab-packages: $1"
}

stop() {
  echo "lab-packages: $1" >&2
  exit 1
}

main
