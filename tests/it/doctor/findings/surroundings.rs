//! What lies around Git: secrets of other programs, the network, the clock, editors, the manual page.

use super::{Case, play};
use crate::rig::{Fault, Surface, answer::Answer};

#[rustfmt::skip]
pub const CASES: &[Case] = &[
    ("elsewhere-nothing", |_| {}, &["--offline"], "anywhere else", true),
    ("elsewhere-unsearched", |scene| scene.write(".netrc/x", ""), &["--offline"], ".netrc could not be searched", true),
    ("network", |_| {}, &[], "answers", true),
    ("network-not-asked", |_| {}, &["--offline"], "not asked", true),
    ("network-setting", |scene| scene.git(&["config", "--global", "http.sslVerify", "false"]), &["--offline"], "not to check certificates", true),
    ("network-setting", |scene| scene.git(&["config", "--global", "http.sslCAInfo", "/no/such.pem"]), &[], "/no/such.pem", true),
    ("network-silent", |scene| scene.rig.set_proxy_down(true), &[], "proxy could not be reached", true),
    ("clock", |_| {}, &[], "agrees", true),
    (
        "clock-wrong",
        |scene| {
            let answer = Answer::text(401, "").header("date", "Tue, 24 Nov 2020 10:00:00 GMT");
            scene
                .rig
                .bitbucket
                .fail(Surface::Git, Fault::Answer(answer), 1);
        },
        &[],
        "days ahead of Bitbucket's",
        true,
    ),
    (
        "editor-jetbrains",
        |scene| {
            scene.write(
                ".config/JetBrains/IntelliJIdea2025.3/options/git.xml",
                "<application/>",
            );
            let on = "<option name=\"USE_CREDENTIAL_HELPER\" value=\"true\" />";
            scene.write(".config/JetBrains/PyCharm2026.1/options/git.xml", on);
            scene.write(".config/JetBrains/PyCharm2025.3/options/git.xml", "");
        },
        &["--offline"],
        "IntelliJIdea does not ask",
        true,
    ),
    (
        "editor-vscode",
        |scene| {
            let settings = "{\n  // mine\n  \"git.useIntegratedAskPass\": false,\n}";
            scene.write(".config/Code/User/settings.json", settings);
        },
        &["--offline"],
        "Code asks no questions",
        true,
    ),
    (
        "manual",
        |scene| {
            scene.write("man/man1/git-credential-bitbucket.1", "");
            let folder = scene.rig.home.path().join("man");
            scene.rig.home.set("MANPATH", folder);
        },
        &["--offline"],
        "man1/git-credential-bitbucket.1",
        true,
    ),
    ("manual-missing", |_| {}, &["--offline"], "install.sh", true),
];

#[test]
fn what_lies_around_git() {
    play(CASES);
}
