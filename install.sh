#!/bin/sh
# Installs git-credential-bitbucket for one person and puts it to use; --uninstall takes it back.
# POSIX sh. What it may touch: PREFIX (or ~/.local and XDG_DATA_HOME), Git's global configuration,
# and target/ beside this script.
set -eu

usage() {
    cat <<'END'
Usage: [PREFIX=FOLDER] ./install.sh [--binary FILE] [--no-checksum] [--no-configure]
       [PREFIX=FOLDER] ./install.sh --from URL [--sha256 SUM] [--no-configure]
       [PREFIX=FOLDER] ./install.sh --uninstall [--no-configure]

Installs git-credential-bitbucket into PREFIX/bin and its manual page into
PREFIX/share/man/man1, then has Git ask it for https://bitbucket.org.
PREFIX is ~/.local unless you set it. A program for this machine that lies
beside this script is taken (git-credential-bitbucket-VERSION-TARGET, as it
was released); otherwise cargo builds one.

Completions for bash, zsh and fish go into PREFIX/share, or without PREFIX into
XDG_DATA_HOME, if that is set.

  --from URL       take the program from the release at URL, the https address of
                   the folder with its SHA256SUMS (or its path on this machine)
  --sha256 SUM     with --from: refuse a release whose SHA256SUMS has another
                   SHA-256 than this, which you have from elsewhere
  --binary FILE    take this program
  --no-checksum    take a program that no SHA256SUMS beside it lists, as one
                   that you built yourself; otherwise that is refused
  --uninstall      restore Git's configuration and remove what was installed;
                   tokens stay where they are kept (before this,
                   "git credential-bitbucket logout --all" removes those)
  --no-configure   leave Git's configuration alone
  --help           print this text
END
}

say() {
    printf '%s\n' "$*"
}

die() {
    printf 'install.sh: %s\n' "$*" >&2
    exit 1
}

# Creates folder $1 with its missing parents. Each one is noted in $created, the deepest first.
make_folder() {
    if [ ! -d "$1" ]; then
        make_folder "$(dirname -- "$1")"
        if complaint=$(mkdir -- "$1" 2>&1); then
            created=$1$newline$created
        elif [ ! -d "$1" ]; then
            # No other run has made it meanwhile.
            die "$1 cannot be created ($complaint). Set PREFIX to a folder of yours."
        fi
    fi
}

# Removes the folders listed in $1 as far as they are empty. Fails if it removed none.
remove_folders() {
    printf '%s' "$1" | (
        removed=1
        while IFS= read -r folder; do
            if rmdir -- "$folder" 2>/dev/null; then
                removed=0
            fi
        done
        exit "$removed"
    )
}

# Removes from folder $1 what runs left there that were killed before they could clean up.
remove_leftovers() {
    for file in "$1/.$name."*; do
        process=${file##*.}
        case $process in
        *[!0-9]*) ;;
        *) kill -0 "$process" 2>/dev/null || rm -f -- "$file" ;;
        esac
    done
}

# Puts a copy of $1 with mode $2 into folder $3, under a name that nobody runs yet: $temporary.
stage() {
    make_folder "$3"
    remove_leftovers "$3"
    temporary=$3/.$name.$$
    cp -- "$1" "$temporary" || die "$3 cannot be written to. Set PREFIX to a folder of yours."
    chmod "$2" "$temporary"
}

# Gives what was staged the name $1 in one step, so that $1 is never half written.
release() {
    [ ! -d "$1" ] || die "$1 is a folder. Move it away, then run this again."
    mv -f -- "$temporary" "$1"
    temporary=
}

# Calls $1 for each file that comes along: how it lies beside this script, then its place.
each_document() {
    "$1" "docs/$name.1" "$manual"
    "$1" "docs/completions/$name" "$data/bash-completion/completions/$name"
    "$1" "docs/completions/_$name" "$data/zsh/site-functions/_$name"
    "$1" "docs/completions/$name.fish" "$data/fish/vendor_completions.d/$name.fish"
}

install_document() {
    if [ -f "$here/$1" ]; then
        stage "$here/$1" 644 "${2%/*}"
        release "$2"
    fi
}

remove_document() {
    rm -f -- "$2"
    remove_leftovers "${2%/*}"
}

# What must happen however this script ends.
clean_up() {
    [ -z "$temporary" ] || rm -f -- "$temporary"
    [ -z "$fetched" ] || rm -rf -- "$fetched"
    [ -n "$installed" ] || remove_folders "$created" || :
}

# Prints what the programs for this machine end in, the preferred first.
list_targets() {
    processor=$(uname -m)
    case $processor in
    amd64) processor=x86_64 ;;
    arm64) processor=aarch64 ;;
    esac
    case $(uname -s) in
    Linux) systems='unknown-linux-musl unknown-linux-gnu.2.17' ;;
    Darwin) systems=apple-darwin ;;
    *) systems= ;;
    esac
    for system in $systems; do
        say "$processor-$system"
    done
}

# Prints the programs beside this script that fit this machine, one a line: those of the first
# kind that is there, else one without a target in its name.
list_fitting() {
    for target in $(list_targets); do
        found=
        for file in "$here/$name-"*"-$target"; do
            if [ -f "$file" ]; then
                say "$file"
                found=yes
            fi
        done
        [ -z "$found" ] || return 0
    done
    [ ! -f "$here/$name" ] || say "$here/$name"
}

# Prints the archives of the list $1 that fit this machine, one a line: those of the first kind
# that is there.
list_archives() {
    for target in $(list_targets); do
        found=
        while read -r _ file; do
            file=${file#\*}
            case $file in
            */*) ;;
            "$name-"*"-$target.tar.gz")
                say "$file"
                found=yes
                ;;
            esac
        done <"$1"
        [ -z "$found" ] || return 0
    done
}

# Downloads the address $1 into the file $2. Nothing but https is spoken, wherever a server sends
# us.
download() {
    if command -v curl >/dev/null; then
        curl --proto =https --fail --location --silent --show-error --output "$2" -- "$1"
    elif command -v python3 >/dev/null; then
        python3 - "$1" "$2" <<'END'
import shutil
import sys
from urllib import request


class Https(request.HTTPRedirectHandler):
    def redirect_request(self, message, file, code, reason, headers, address):
        if not address.startswith("https://"):
            raise OSError("the server sends us on to " + address)
        return super().redirect_request(message, file, code, reason, headers, address)


try:
    with request.build_opener(Https).open(sys.argv[1]) as answer, open(sys.argv[2], "wb") as file:
        shutil.copyfileobj(answer, file)
except OSError as error:
    sys.exit(str(error))
END
    elif wget --version >/dev/null 2>&1; then
        # It would follow to http, so it follows nowhere by itself. That of BusyBox has no version,
        # and checks no certificate.
        address=$1
        for _ in 1 2 3 4 5; do
            if wget --no-verbose --server-response --max-redirect=0 --output-document="$2" \
                -- "$address" 2>"$2.said"; then
                return
            fi
            address=$(tr -d '\r' <"$2.said" |
                sed -n '/^ *[Ll]ocation: */{ s///; s/ .*//; p; q; }')
            case $address in
            https://*) ;;
            *) break ;;
            esac
        done
        cat -- "$2.said" >&2
        return 1
    else
        echo 'neither curl nor python3 nor GNU Wget is on PATH' >&2
        return 1
    fi
}

# Puts the file $1 of the release at $from into $fetched.
fetch() {
    case $from in
    https://*) complaint=$(download "$from/$1" "$fetched/$1" 2>&1) ;;
    *) complaint=$(cp -- "$from/$1" "$fetched/$1" 2>&1) ;;
    esac || die "$from/$1 cannot be had ($complaint). Check the address of the release, or download" \
        "it yourself, unpack it and run the install.sh in it. Nothing was changed."
}

# Sets $source to the program of the release at $from for this machine, and $here to the folder
# with what comes along.
fetch_release() {
    case $from in
    https://* | /*) ;;
    *://*) die "$from is not an https address. Nothing was changed." ;;
    *) from=$(pwd)/$from ;;
    esac
    from=${from%/}
    fetched=$(mktemp -d)
    fetch SHA256SUMS
    [ -z "$sha256" ] || check "$fetched/SHA256SUMS" "$sha256" "$from/SHA256SUMS" \
        "its checksum is not the one of --sha256. Ask who publishes it."
    archive=$(list_archives "$fetched/SHA256SUMS")
    case $archive in
    '') die "the release at $from has no program for this machine ($(uname -sm)). Nothing was changed." ;;
    *"$newline"*) die "$from has more than one release. Nothing was changed." ;;
    esac
    fetch "$archive"
    check "$fetched/$archive" "$(listed_checksum "$fetched/SHA256SUMS" "$archive")" "$from/$archive" \
        "its checksum is not the one in SHA256SUMS. Try again."
    gzip -dc -- "$fetched/$archive" | (cd -- "$fetched" && tar -xf -) ||
        die "$from/$archive cannot be unpacked, see above. Nothing was changed."
    here=$fetched/${archive%.tar.gz}
    source=$here/$name
}

# Sets $source to the program to install, building it if need be.
find_program() {
    if [ -n "$from" ]; then
        fetch_release
        return
    fi
    if [ -n "$source" ]; then
        [ -f "$source" ] || die "there is no file $source. Nothing was changed."
        return
    fi
    source=$(list_fitting)
    case $source in
    '') build ;;
    *"$newline"*)
        die "more than one program beside this script fits this machine. Name one with --binary:" \
            "$newline$source${newline}Nothing was changed."
        ;;
    esac
}

# Has cargo build the program. That is $source then, and nobody has a checksum of it.
build() {
    [ -f "$here/Cargo.toml" ] ||
        die "neither a $name for this machine ($(uname -sm)) nor its source lies beside this" \
            "script. Nothing was changed."
    command -v cargo >/dev/null ||
        die "cargo is needed to build $name. Install Rust 1.89 or newer and a C compiler" \
            "(https://rustup.rs), open a new terminal, then run this again. Nothing was changed."
    target=${CARGO_TARGET_DIR:-target}
    (
        cd -- "$here"
        unset CARGO_BUILD_TARGET
        cargo build --release --locked --target-dir "$target" >&2
    ) || die "the build failed, see above. It needs Rust 1.89 or newer, a C compiler, and the" \
        "network for its first run. Nothing was changed."
    case $target in
    /*) source=$target/release/$name ;;
    *) source=$here/$target/release/$name ;;
    esac
    checksum=
}

# Prints the checksum that the list $1 has for the file $2.
listed_checksum() {
    while read -r sum file; do
        # The star is for files that are not text.
        if [ "${file#\*}" = "$2" ]; then
            say "$sum"
        fi
    done <"$1"
}

# Ends unless the file $1 has the checksum $2; then $3 is what is not as released, and $4 says why.
check() {
    if command -v sha256sum >/dev/null; then
        actual=$(sha256sum <"$1")
    elif command -v shasum >/dev/null; then
        actual=$(shasum -a 256 <"$1")
    else
        die "neither sha256sum nor shasum is on PATH to check $3 with. Install one" \
            "(Debian, Ubuntu: coreutils), then run this again. Nothing was changed."
    fi
    [ "${actual%% *}" = "$2" ] || die "$3 is not what was released: $4 Nothing was changed."
}

# Compares the copy $1 of $source with what SHA256SUMS beside $source says of it.
verify() {
    sums=$(dirname -- "$source")/SHA256SUMS
    expected=
    if [ -f "$sums" ]; then
        expected=$(listed_checksum "$sums" "${source##*/}")
    fi
    [ -n "$expected" ] ||
        die "no checksum tells whether $source is what was released: $sums does not list it. Put" \
            "the release's SHA256SUMS there, or add --no-checksum if you trust the program." \
            "Nothing was changed."
    check "$1" "$expected" "$source" \
        "its checksum is not the one in $sums. Download both again."
}

# Says how to put $bin on PATH, if it is not there, and whether another program hides ours.
advise_on_path() {
    case ":$PATH:" in
    *":$bin:"*)
        first=$(command -v "$name" || :)
        if [ -n "$first" ] && ! cmp -s -- "$first" "$program"; then
            say "Note: PATH finds another $name first: $first."
        fi
        return
        ;;
    esac
    quoted=$(say "$bin" | sed 's/[\\"$`]/\\&/g')
    line="export PATH=\"$quoted:\$PATH\""
    case ${SHELL:-} in
    */bash) profile=.bashrc ;;
    */zsh) profile=.zshrc ;;
    */fish)
        profile=.config/fish/config.fish
        line="fish_add_path \"$quoted\""
        ;;
    *) profile=.profile ;;
    esac
    say "To type \"git credential-bitbucket\" yourself, add this line to ~/$profile:"
    say "    $line"
}

# Says how zsh finds the completions, where it does not by itself.
advise_on_zsh() {
    case ${SHELL:-}:$data in
    */zsh:/usr/*) ;;
    */zsh:*)
        quoted=$(say "$data" | sed 's/[\\"$`]/\\&/g')
        say "To complete it in zsh, add this line to ~/.zshrc, before compinit:"
        say "    fpath=(\"$quoted/zsh/site-functions\" \$fpath)"
        ;;
    esac
}

install() {
    [ -z "$configure" ] || command -v git >/dev/null ||
        die "git is not on PATH. Install it (Debian, Ubuntu: apt install git), then run this" \
            "again. Nothing was changed."
    trap clean_up EXIT
    trap 'exit 1' HUP INT TERM
    find_program

    stage "$source" 755 "$bin"
    [ -z "$checksum" ] || verify "$temporary"
    "$temporary" --version </dev/null >/dev/null ||
        die "$source does not run on this system. Nothing was changed."
    release "$program"
    each_document install_document
    if [ -n "$created" ]; then
        make_folder "${record%/*}"
        # Added, so that what another run notes at the same time stays.
        printf '%s' "$created" >>"$record"
    fi
    installed=yes
    say "Installed $program."
    advise_on_path
    advise_on_zsh

    if [ -z "$configure" ]; then
        say "Git's configuration was left alone. Next: run \"$program\" configure"
        return
    fi
    # Says what it configured and the next step: the last words are its own.
    "$program" configure || die "the program is installed, but Git does not use it yet, see above." \
        "Next: put that right, then run this again."
}

uninstall() {
    if [ ! -e "$program" ] && [ ! -e "$manual" ] && [ ! -e "$record" ]; then
        say "Nothing to remove: $name is not installed in $prefix."
        return
    fi
    if [ -n "$configure" ] && [ -e "$program" ]; then
        "$program" unconfigure ||
            die "Git's configuration could not be restored, see above, so nothing was removed." \
                "Next: put that right and run this again, or add --no-configure."
    fi
    rm -f -- "$program"
    remove_leftovers "$bin"
    each_document remove_document
    if [ -f "$record" ]; then
        created=$(cat -- "$record")$newline
        rm -f -- "$record"
        # Each run has noted its own, the deepest first; a later one may have gone deeper.
        while remove_folders "$created"; do :; done
    fi
    say "Removed $name from $prefix. Tokens that it kept stay where they are. To remove those: install" \
        "it again, run \"git credential-bitbucket logout --all\", then uninstall."
}

name=git-credential-bitbucket
newline='
'
action=install
configure=yes
checksum=yes
source=
from=
sha256=
while [ $# -gt 0 ]; do
    case $1 in
    --binary)
        [ -n "${2:-}" ] || die "--binary needs the program's path. Nothing was changed."
        source=$2
        shift
        ;;
    --from)
        [ -n "${2:-}" ] || die "--from needs the release's address. Nothing was changed."
        from=$2
        shift
        ;;
    --sha256)
        [ -n "${2:-}" ] || die "--sha256 needs the checksum of SHA256SUMS. Nothing was changed."
        sha256=$2
        shift
        ;;
    --no-checksum) checksum= ;;
    --uninstall) action=uninstall ;;
    --no-configure) configure= ;;
    -h | --help)
        usage
        exit
        ;;
    *) die "unknown option: $1. --help lists the options. Nothing was changed." ;;
    esac
    shift
done

[ -z "$sha256" ] || [ -n "$from" ] || die "--sha256 belongs to --from. Nothing was changed."
[ -z "$from" ] || [ -n "$checksum" ] ||
    die "--from always compares checksums: leave out --no-checksum. Nothing was changed."
[ -z "$from" ] || [ -z "$source" ] ||
    die "--from and --binary each name a program: leave out one. Nothing was changed."

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
prefix=${PREFIX:-${HOME:+$HOME/.local}}
case $prefix in
'') die "neither PREFIX nor HOME says where to install. Nothing was changed." ;;
*"$newline"*) die "PREFIX must be a single line. Nothing was changed." ;;
/*) ;;
*) prefix=$(pwd)/$prefix ;;
esac
prefix=${prefix%/}
bin=$prefix/bin
program=$bin/$name
manual=$prefix/share/man/man1/$name.1
# Where a person's shells look for completions.
data=$prefix/share
case ${PREFIX:+set}${XDG_DATA_HOME:-} in
*"$newline"*) ;;
/*) data=${XDG_DATA_HOME%/} ;;
esac
# The folders that had to be created, so that --uninstall removes those and no others.
record=$prefix/share/$name/folders

temporary=
fetched=
created=
installed=
"$action"
