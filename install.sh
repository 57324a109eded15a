#!/bin/sh
# Installs git-credential-bitbucket for one person and puts it to use; --uninstall takes it back.
# POSIX sh. What it may touch: PREFIX, Git's global configuration, and target/ beside this script.
set -eu

usage() {
    cat <<'END'
Usage: [PREFIX=FOLDER] ./install.sh [--no-configure]
       [PREFIX=FOLDER] ./install.sh --uninstall [--no-configure]

Installs git-credential-bitbucket into PREFIX/bin and its manual page into
PREFIX/share/man/man1, then has Git ask it for https://bitbucket.org.
PREFIX is ~/.local unless you set it. A program lying beside this script is
taken as it is; otherwise cargo builds one.

  --uninstall      restore Git's configuration and remove what was installed;
                   tokens stay in the keychain
                   ("git credential-bitbucket logout --all" removes those)
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
        mkdir -- "$1" || die "$1 cannot be created. Set PREFIX to a folder of yours."
        created=$1$newline$created
    fi
}

# Removes the folders listed in $1 as far as they are empty.
remove_folders() {
    printf '%s' "$1" | while IFS= read -r folder; do
        rmdir -- "$folder" 2>/dev/null || :
    done
}

# Puts a copy of $1 with mode $2 into folder $3, under a name that nobody runs yet: $temporary.
stage() {
    make_folder "$3"
    temporary=$3/.git-credential-bitbucket.$$
    cp -- "$1" "$temporary" || die "$3 cannot be written to. Set PREFIX to a folder of yours."
    chmod "$2" "$temporary"
}

# Gives what was staged the name $1 in one step, so that $1 is never half written.
release() {
    [ ! -d "$1" ] || die "$1 is a folder. Move it away, then run this again."
    mv -f -- "$temporary" "$1"
    temporary=
}

# What must happen however this script ends.
clean_up() {
    [ -z "$temporary" ] || rm -f -- "$temporary"
    [ -n "$installed" ] || remove_folders "$created"
}

# Prints the path of a program to install, building it if need be.
find_program() {
    if [ -f "$here/$name" ]; then
        say "$here/$name"
        return
    fi
    [ -f "$here/Cargo.toml" ] ||
        die "neither $name nor its source lies beside this script. Nothing was changed."
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
    /*) say "$target/release/$name" ;;
    *) say "$here/$target/release/$name" ;;
    esac
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

install() {
    [ -z "$configure" ] || command -v git >/dev/null ||
        die "git is not on PATH. Install it (Debian, Ubuntu: apt install git), then run this" \
            "again. Nothing was changed."
    source=$(find_program)
    trap clean_up EXIT
    trap 'exit 1' HUP INT TERM

    stage "$source" 755 "$bin"
    "$temporary" --version </dev/null >/dev/null ||
        die "$source does not run on this system. Nothing was changed."
    release "$program"
    if [ -f "$here/docs/$name.1" ]; then
        stage "$here/docs/$name.1" 644 "${manual%/*}"
        release "$manual"
    fi
    if [ -n "$created" ]; then
        make_folder "${record%/*}"
        if [ -f "$record" ]; then
            created=$created$(cat -- "$record")$newline
        fi
        printf '%s' "$created" >"$record"
    fi
    installed=yes
    say "Installed $program."
    advise_on_path

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
    rm -f -- "$program" "$manual"
    if [ -f "$record" ]; then
        created=$(cat -- "$record")$newline
        rm -f -- "$record"
        remove_folders "$created"
    fi
    say "Removed $name from $prefix. Tokens that it kept are still in your keychain."
}

name=git-credential-bitbucket
newline='
'
action=install
configure=yes
for option; do
    case $option in
    --uninstall) action=uninstall ;;
    --no-configure) configure= ;;
    -h | --help)
        usage
        exit
        ;;
    *) die "unknown option: $option. --help lists the options. Nothing was changed." ;;
    esac
done

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
# The folders that had to be created, so that --uninstall removes those and no others.
record=$prefix/share/$name/folders

temporary=
created=
installed=
"$action"
