#!/usr/bin/env bash
# Builds a base image for docker/Dockerfile on this machine, from nothing but its JDK and C library: no registry is
# needed. The image holds a Java runtime with the modules that a broker uses, glibc's libraries, and busybox for a shell.
#
#   docker/base-image.sh [NAME]     default name: lograft/base
#
# With a registry at hand any image with Java 25 and a shell does as well: docker build --build-arg BASE=…
set -euo pipefail

name=${1:-lograft/base}
java_modules=java.base,java.logging,java.management,java.naming,java.sql,java.xml,jdk.crypto.ec,jdk.httpserver,jdk.jcmd,jdk.jfr,jdk.management,jdk.net,jdk.unsupported,jdk.zipfs

fail() { echo "error: $*" >&2; exit 1; }

jdk=
for candidate in "${LOGRAFT_JAVA_HOME:-}" "${JAVA_HOME:-}" /usr/lib/jvm/*; do
  if [[ -n $candidate && -x $candidate/bin/jlink ]] && grep -q '^JAVA_VERSION="\(2[5-9]\|[3-9][0-9]\)' "$candidate/release"; then
    jdk=$candidate
    break
  fi
done
[[ -n $jdk ]] || fail "no JDK 25 with jlink is installed"
if ! type -P busybox > /dev/null || ldd "$(type -P busybox)" > /dev/null 2>&1; then
  if [[ $(id -u) != 0 ]] || ! type -P apt-get > /dev/null; then fail "busybox-static is needed; install it"; fi
  (apt-cache show busybox-static || apt-get update -q) > /dev/null 2>&1
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends busybox-static > /dev/null
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir -p "$root"/{bin,etc,tmp,usr/bin,opt,var/lib,proc,root}
chmod 1777 "$root/tmp"

"$jdk/bin/jlink" --add-modules "$java_modules" --strip-debug --no-header-files --no-man-pages --generate-cds-archive \
  --output "$root/opt/java"

# The C library where the dynamic linker looks for it, and what native libraries of ours and of RocksDB need.
for library in libc.so.6 libm.so.6 libdl.so.2 libpthread.so.0 librt.so.1 libresolv.so.2 libnss_files.so.2 libnss_dns.so.2 \
  libgcc_s.so.1 libstdc++.so.6 libz.so.1; do
  found=$(ldconfig -p | sed -n "s/.*[[:space:]]$library .*x86-64.*=> //p; s/.*[[:space:]]$library .*AArch64.*=> //p" | head -n 1)
  [[ -n $found ]] || { echo "note: no $library on this machine" >&2; continue; }
  mkdir -p "$root$(dirname "$found")"
  cp -L "$found" "$root$found"
done
loader=$(ldd "$jdk/bin/java" | sed -n 's/^[[:space:]]*\(\/[^ ]*ld-linux[^ ]*\).*/\1/p')
mkdir -p "$root$(dirname "$loader")"
cp -L "$loader" "$root$loader"

cp "$(type -P busybox)" "$root/bin/busybox"
for applet in sh ls cat cp mv rm mkdir chown chmod ps kill sleep df du head tail grep sed env id hostname; do
  ln -s busybox "$root/bin/$applet"
done
printf 'root:x:0:0:root:/root:/bin/sh\nlograft:x:10001:10001:lograft:/var/lib/lograft:/bin/sh\n' > "$root/etc/passwd"
printf 'root:x:0:\nlograft:x:10001:\n' > "$root/etc/group"
printf 'passwd: files\ngroup: files\nhosts: files dns\n' > "$root/etc/nsswitch.conf"

tar -C "$root" -c . | docker import --change 'ENV PATH=/opt/java/bin:/usr/bin:/bin' --change 'ENV JAVA_HOME=/opt/java' \
  --change 'CMD ["/bin/sh"]' - "$name" > /dev/null
echo "Built $name."
