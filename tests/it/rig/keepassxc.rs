//! `KeePassXC` as a Secret Service: a database of its own, open, without a window.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// What it needs; Debian: keepassxc.
pub const PROGRAMS: [&str; 2] = ["keepassxc", "keepassxc-cli"];

/// What asks `dbus-send` whether the database is locked still.
pub const IS_LOCKED: [&str; 5] = [
    "--dest=org.freedesktop.secrets",
    "/org/freedesktop/secrets/collection/passwords",
    "org.freedesktop.DBus.Properties.Get",
    "string:org.freedesktop.Secret.Collection",
    "string:Locked",
];

/// The group that is exposed, which the database names, too.
const DATABASE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<KeePassFile>
  <Meta>
    <Generator>tests</Generator>
    <RecycleBinEnabled>True</RecycleBinEnabled>
    <CustomData><Item>
      <Key>FDO_SECRETS_EXPOSED_GROUP</Key>
      <Value>{00000000-0000-0000-0000-000000000001}</Value>
    </Item></CustomData>
  </Meta>
  <Root><Group>
    <UUID>AAAAAAAAAAAAAAAAAAAAAQ==</UUID>
    <Name>Passwords</Name>
  </Group></Root>
</KeePassFile>
"#;

/// What a person sets who wants no question for each item.
const SETTINGS: &str = "[General]
ConfigVersion=2
UpdateCheckMessageShown=true
[GUI]
CheckForUpdates=false
[FdoSecrets]
Enabled=true
ShowNotification=false
ConfirmAccessItem=false
ConfirmDeleteItem=false
UnlockBeforeSearch=false
";

/// Starts it with files in this folder only; `command` makes commands that know the bus.
///
/// # Panics
/// If it cannot be started.
pub fn start(folder: &Path, command: &dyn Fn(&str) -> Command) -> Child {
    let folder = folder.join("keepassxc");
    // It runs once for each folder for temporary files.
    let temporary = folder.join("tmp");
    fs::create_dir_all(&temporary).expect("a folder of the test");
    let [xml, database, settings] =
        ["passwords.xml", "passwords.kdbx", "keepassxc.ini"].map(|name| folder.join(name));
    fs::write(&xml, DATABASE).expect("a file of the test");
    fs::write(&settings, SETTINGS).expect("a file of the test");
    let spawn = |program: &str, arguments: &[&Path], input: &[u8]| {
        let mut child = command(program)
            .env("QT_QPA_PLATFORM", "offscreen")
            .env("TMPDIR", &temporary)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("keepassxc (Debian: keepassxc)");
        let mut stdin = child.stdin.take().expect("a pipe");
        stdin.write_all(input).expect("it reads its password");
        child
    };
    let import = ["import".as_ref(), "-p".as_ref(), &*xml, &*database];
    let imported = spawn("keepassxc-cli", &import, b"open sesame\nopen sesame\n").wait();
    assert!(imported.expect("it ends").success(), "no database was made");
    let open = [
        "--pw-stdin".as_ref(),
        "--config".as_ref(),
        &*settings,
        &*database,
    ];
    spawn("keepassxc", &open, b"open sesame\n")
}
