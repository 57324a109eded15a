//! The whole program with real Secret Services around it: `KeePassXC`'s, and GNOME Keyring
//! with its own unlock dialog on a screen.

#![cfg(target_os = "linux")]

mod desktop;
mod gnome;
mod keepassxc;
mod no_default;
mod two_keyrings;

/// What Git asks for, without the empty line at its end.
const REQUEST: &str = "protocol=https\nhost=bitbucket.org\n";

/// How Git uses us.
const CONFIGURED: &str = "[credential]\n\thelper = bitbucket\n";

/// What Git stores.
fn login(username: &str, secret: &str) -> String {
    format!("{REQUEST}username={username}\npassword={secret}\n\n")
}
