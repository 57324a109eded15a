"""What the parts of a release that are written in Python have in common: what is released, for
which systems, and how bytes are made that do not depend on when and where."""

import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
DIST = ROOT / "target" / "dist"


def field(name):
    """A text of Cargo.toml's package."""
    manifest = (ROOT / "Cargo.toml").read_text(encoding="utf-8")
    return re.search(f'^{name} = "(.*)"$', manifest, re.MULTILINE).group(1)


NAME = "git-credential-bitbucket"
VERSION = field("version")

# Each target that a program may be released for, and the systems that Python calls so; a wheel
# is made where there are any.
TARGETS = {
    "x86_64-unknown-linux-musl": [
        "manylinux_2_17_x86_64",
        "manylinux2014_x86_64",
        "musllinux_1_1_x86_64",
    ],
    "aarch64-unknown-linux-musl": [
        "manylinux_2_17_aarch64",
        "manylinux2014_aarch64",
        "musllinux_1_1_aarch64",
    ],
    "x86_64-unknown-linux-gnu.2.17": [],
    "x86_64-pc-windows-gnu": ["win_amd64"],
    "x86_64-apple-darwin": ["macosx_10_12_x86_64"],
    "aarch64-apple-darwin": ["macosx_11_0_arm64"],
    "universal-apple-darwin": [],
}


def programs():
    """The programs in target/dist, as (target, path)."""
    for target in TARGETS:
        suffix = ".exe" if "windows" in target else ""
        path = DIST / f"{NAME}-{VERSION}-{target}{suffix}"
        if path.is_file():
            yield target, path


def epoch():
    """When the sources were last changed: the time of all that is packed."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given:
        return int(given)
    command = ["git", "log", "-1", "--format=%ct"]
    return int(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)


def documents():
    """What comes along with each program, as (its path in the sources, the same in a prefix of
    the system or None). NOTICES is made by a release; on other systems than Linux it is that of
    Linux, and has more than is used."""
    share = "share"
    return [
        (ROOT / "docs" / f"{NAME}.1", f"{share}/man/man1/{NAME}.1"),
        (ROOT / "docs/completions" / NAME, f"{share}/bash-completion/completions/{NAME}"),
        (ROOT / "docs/completions" / f"_{NAME}", f"{share}/zsh/site-functions/_{NAME}"),
        (
            ROOT / "docs/completions" / f"{NAME}.fish",
            f"{share}/fish/vendor_completions.d/{NAME}.fish",
        ),
        (ROOT / "docs/completions" / f"{NAME}.ps1", None),
    ]


def licences():
    """The texts that have to go wherever the program goes."""
    return [ROOT / "LICENSE-APACHE", ROOT / "LICENSE-MIT", DIST / "NOTICES"]
