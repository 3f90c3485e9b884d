#!/usr/bin/env bash
# Makes a Rust toolchain for boards without an operating system, from Debian 12's own packages, beside the one of rustup
# and without root:
#
#   scripts/baremetal.sh thumbv7m-none-eabi …      prints the path of its rustc
#
# Debian ships compiler and library sources of one version (rustc-web, rust-web-src); core and alloc are compiled from
# them once per target, for size, and so that a panic stops the chip where it is and carries no text: a seventh of a
# board's flash. The compiler of rustup cannot take other sources than its own, and those come from nowhere that
# a machine without the wide internet reaches. What is there already stays; a new version of the packages makes a new
# toolchain. About 530 MB, half a minute, then 50 MB and 20 s for each further target.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/say.sh
. scripts/say.sh

version=$(apt-cache policy rustc-web 2>/dev/null | sed -n 's/^ *Candidate: //p')
case $version in
'' | '(none)') complain \
    "apt không thấy gói rustc-web; hãy thêm bookworm-security vào nguồn của apt rồi chạy apt-get update." \
    "apt does not know the package rustc-web; add bookworm-security to its sources and run apt-get update." ;;
esac
short=${version%%+*} short=${short%.*}
# What is compiled below in another way gets another number.
home=$(tools_folder)/baremetal-2-${version//[^0-9a-z.]/_}
triple=x86_64-unknown-linux-gnu

# The packages, unpacked aside and put in place as a whole.
unpack() {
    local part=$home.part llvm package
    rm -rf "$part"
    mkdir -p "$part/packages" "$part/bin"
    llvm=$(apt-cache depends "libstd-rust-web-$short" | grep -o 'libllvm[0-9.]*' | head -n 1)
    (
        cd "$part/packages"
        apt-get download "rustc-web=$version" "libstd-rust-web-$short=$version" "libstd-rust-web-dev=$version" \
            "rust-web-src=$version" "$llvm"
        for package in rustc-web_* "libstd-rust-web-${short}_"* libstd-rust-web-dev_* "${llvm}_"*; do
            dpkg-deb --extract "$package" "$part"
        done
        dpkg-deb --fsys-tarfile rust-web-src_*.deb |
            tar --extract --directory "$part" --wildcards './usr/src/rustc-*/library/*' './usr/lib/rustlib/src/*'
    ) >/dev/null
    rm -rf "${part:?}/packages" "${part:?}/usr/share"
    # The names below are those that it will have: the folder moves as one.
    cat >"$part/bin/rustc" <<RUSTC
#!/bin/sh
LD_LIBRARY_PATH=$home/usr/lib/x86_64-linux-gnu\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}
export LD_LIBRARY_PATH
exec $home/usr/bin/rustc "\$@"
RUSTC
    mkdir -p "$part/usr/lib/rustlib/$triple/bin"
    # Debian's compiler looks for its linker under this name, and the package has none.
    printf '#!/bin/sh\nexec %s "$@"\n' "$(linker)" >"$part/usr/lib/rustlib/$triple/bin/rust-lld"
    chmod +x "$part/bin/rustc" "$part/usr/lib/rustlib/$triple/bin/rust-lld"
    rm -rf "$home"
    mv "$part" "$home"
}

linker() {
    local name
    for name in ld.lld-22 ld.lld; do
        command -v "$name" && return
    done
    printf '%s/lib/rustlib/%s/bin/rust-lld\n' "$(env -u RUSTC rustc --print sysroot)" "$triple"
}

# core, alloc and what the compiler calls, for one target.
compile() {
    local target=$1 work sources allow=-Aexplicit_builtin_cfgs_in_flags
    work=$(mktemp -d)
    sources=$(printf '%s\n' "$home"/usr/src/rustc-*/library/vendor | head -n 1)
    mkdir -p "$work/src" "$work/.cargo"
    echo '#![no_std]' >"$work/src/lib.rs"
    printf '[package]\nname = "nothing"\nversion = "0.0.0"\nedition = "2024"\n[workspace]\n[profile.release]\npanic = "abort"\nopt-level = "s"\n' \
        >"$work/Cargo.toml"
    printf '[source.crates-io]\nreplace-with = "debian"\n[source.debian]\ndirectory = "%s"\n' "$sources" \
        >"$work/.cargo/config.toml"
    # Without bitcode in them, optimising across crates fails. The library's own way of not panicking is asked for by its
    # configuration and not by the compiler's strategy, which every crate of a program would have to share: this step
    # alone uses unstable flags.
    (
        cd "$work"
        unset CARGO_TARGET_DIR
        CARGO_HOME=$work/home RUSTC=$home/bin/rustc RUSTC_BOOTSTRAP=1 \
            RUSTFLAGS="-Cembed-bitcode=yes -Ccodegen-units=1 --cfg panic=\"immediate-abort\" $allow" \
            cargo build --quiet --offline --release --target "$target" \
            -Zbuild-std=core,alloc -Zbuild-std-features=compiler-builtins-mem,optimize_for_size
    )
    mkdir -p "$home/usr/lib/rustlib/$target/lib.part"
    cp "$work/target/$target/release/deps/"lib{core,alloc,compiler_builtins}-*.rlib "$home/usr/lib/rustlib/$target/lib.part"
    mv "$home/usr/lib/rustlib/$target/lib.part" "$home/usr/lib/rustlib/$target/lib"
    rm -rf "$work"
}

mkdir -p "$(dirname "$home")"
[ -x "$home/bin/rustc" ] || step "Trình biên dịch của Debian · Debian's compiler $version" unpack
for target in "$@"; do
    [ -d "$home/usr/lib/rustlib/$target/lib" ] || step "Thư viện · Library: $target" compile "$target"
done
printf '%s\n' "$home/bin/rustc"
