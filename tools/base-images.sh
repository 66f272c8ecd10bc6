# shellcheck shell=bash
# The images that docker/*/Dockerfile begin with. Sourced after common.sh, debian.sh and engine.sh.
# One that is there is taken, else it is pulled, else it is made from Debian's packages under the
# same name, and its place is kept in the engine's own store.

BASES="debian:bookworm-slim debian:sid-slim"

# What slim images leave out is left out of everything that is installed in them later, too.
base_make() { # base_make IMAGE
  local image="$1" suite tar source security=""
  suite="${image#*:}"
  suite="${suite%-slim}"
  tar="$ENGINE_HOME/$suite.tar"
  source="$(source_line "$suite")"
  # The unstable suite has none of its own: what it mends is in it.
  [ "$suite" = sid ] || security="$(security_line "$suite")"
  quietly "Making the image $image" unshare --mount --propagation private mmdebstrap --mode=root \
    --variant=apt --aptopt='Acquire::Check-Valid-Until "false"' --aptopt='APT::Sandbox::User "root"' \
    --aptopt='Acquire::Languages "none"' --dpkgopt='force-unsafe-io' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --customize-hook='sed -i -E "s/\[[^]]*\] //" "$1"/etc/apt/sources.list' \
    "$suite" "$tar" "$source" ${security:+"$security"}
  docker import -c 'CMD ["bash"]' "$tar" "$image" >/dev/null
  rm -f "$tar"
}

bases_ready() { # says of each image which of local, pulled and made it is
  local image
  for image in $BASES; do
    if docker image inspect "$image" >/dev/null 2>&1; then
      say "base image $image: local"
    elif timeout 120 docker pull -q "$image" >/dev/null 2>&1; then
      say "base image $image: pulled"
    else
      command -v mmdebstrap >/dev/null ||
        die "the image $image cannot be pulled, and there is no mmdebstrap to make it with: check the network, or apt-get install mmdebstrap, and run the command again."
      need_root "Making the image $image"
      base_make "$image"
      say "base image $image: made from Debian's packages (it could not be pulled)"
    fi
  done
}
