//! Which process of ours has a lock, and who started it: as Linux tells it in `/proc`. Elsewhere
//! nothing is known. What is said of it is not here.

/// A process of ours that has a lock.
#[derive(Debug, PartialEq, Eq)]
pub struct LockHolder {
    /// Its number.
    pub process: u32,
    /// For how many seconds it has run.
    pub seconds: u64,
    /// The program for which Git runs, a shell perhaps.
    pub program: Option<String>,
    /// Its terminal: `pts/3`.
    pub terminal: Option<String>,
}

pub use this::lock_holder;

#[cfg(unix)]
mod this {
    use super::LockHolder;
    use std::fs::{File, read_to_string};
    use std::iter::successors;
    use std::os::unix::fs::MetadataExt as _;

    /// How our own processes are called there, at most 15 characters long.
    const OURS: &str = "git-credential-";

    /// Ticks in a second, as programs see them.
    const TICKS: u64 = 100;

    /// Whose lock it is; `None` if nobody's, or if nothing tells.
    pub fn lock_holder(file: &File) -> Option<LockHolder> {
        let inode = file.metadata().ok()?.ino();
        let locks = read_to_string("/proc/locks").ok()?;
        let mut numbers = locks.lines().filter_map(|line| holder_in(line, inode));
        let (process, own) = numbers.find_map(|number| {
            let own = Process::read(number)?;
            own.name.starts_with(OURS).then_some((number, own))
        })?;
        let uptime = read_to_string("/proc/uptime").ok()?;
        let uptime: u64 = uptime.split('.').next()?.parse().ok()?;
        let mut ancestors = successors(Process::read(own.parent), |it| Process::read(it.parent));
        let program = ancestors.find(|it| !it.is_git_s());
        Some(LockHolder {
            process,
            seconds: uptime.saturating_sub(own.started / TICKS),
            program: program.map(|it| it.name),
            terminal: terminal(own.terminal),
        })
    }

    /// The process that has the lock of which a line of `/proc/locks` tells, if that is this
    /// file's: `1: FLOCK  ADVISORY  WRITE 4711 fe:00:10018845 0 EOF`.
    fn holder_in(line: &str, inode: u64) -> Option<u32> {
        let mut words = line.split_ascii_whitespace().skip(1);
        if words.next()? != "FLOCK" {
            return None;
        }
        let mut words = words.skip(2);
        let process = words.next()?.parse().ok()?;
        let found: u64 = words.next()?.rsplit(':').next()?.parse().ok()?;
        (found == inode).then_some(process)
    }

    /// What `/proc` tells of a process.
    #[derive(Debug, PartialEq, Eq)]
    struct Process {
        name: String,
        parent: u32,
        terminal: u32,
        /// In ticks since the system started.
        started: u64,
    }

    impl Process {
        fn read(number: u32) -> Option<Self> {
            // The number of the first process's parent.
            if number == 0 {
                return None;
            }
            Self::parse(&read_to_string(format!("/proc/{number}/stat")).ok()?)
        }

        /// `4711 (name) S <parent> <group> <session> <terminal> …`; a name may have anything in
        /// it.
        fn parse(text: &str) -> Option<Self> {
            let (before, after) = text.rsplit_once(')')?;
            let mut numbers = after.split_ascii_whitespace().skip(1);
            Some(Self {
                name: before.split_once('(')?.1.to_owned(),
                parent: numbers.next()?.parse().ok()?,
                terminal: numbers.nth(2)?.parse().ok()?,
                started: numbers.nth(14)?.parse().ok()?,
            })
        }

        /// Whether it is Git, a part of it, or the shell by which it runs a helper.
        fn is_git_s(&self) -> bool {
            let runs_helper = || Self::read(self.parent).is_some_and(|it| is_git(&it.name));
            is_git(&self.name) || (self.name == "sh" && runs_helper())
        }
    }

    fn is_git(name: &str) -> bool {
        name == "git" || name.starts_with("git-")
    }

    /// The name of a terminal by its number.
    fn terminal(device: u32) -> Option<String> {
        let (major, minor) = (device >> 8 & 0xfff, device & 0xff | device >> 12 & 0xf_ff00);
        match (major, minor) {
            (136, _) => Some(format!("pts/{minor}")),
            (4, 1..64) => Some(format!("tty{minor}")),
            _ => None,
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_lock_is_known_by_its_file() {
            for (line, expected) in [
                ("1: FLOCK  ADVISORY  WRITE 47 fe:00:99 0 EOF", Some(47)),
                ("1: FLOCK  ADVISORY  WRITE 47 fe:00:98 0 EOF", None),
                ("1: POSIX  ADVISORY  WRITE 47 fe:00:99 0 EOF", None),
                ("1: -> FLOCK  ADVISORY  WRITE 47 fe:00:99 0 EOF", None),
                ("1: FLOCK  ADVISORY  WRITE -1 fe:00:99 0 EOF", None),
                ("1: FLOCK", None),
                ("", None),
            ] {
                assert_eq!(holder_in(line, 99), expected, "{line}");
            }
        }

        #[test]
        fn a_process_is_read_whatever_it_is_called() {
            let rest = "S 2 3 4 34816 -1 5 6 7 8 9 10 11 12 13 14 15 16 17 1800 19";
            for name in ["git", "a b", "a) S (b", ""] {
                let found = Process::parse(&format!("1 ({name}) {rest}"));
                let expected = Process {
                    name: name.to_owned(),
                    parent: 2,
                    terminal: 34816,
                    started: 1800,
                };
                assert_eq!(found, Some(expected), "{name}");
            }
            for text in ["", "1 git S 2", "1 (git) S 2 3"] {
                assert_eq!(Process::parse(text), None, "{text}");
            }
        }

        #[test]
        fn terminals_have_names() {
            for (device, name) in [
                (0, None),
                (34816, Some("pts/0")),
                (34819, Some("pts/3")),
                (34816 + (1 << 20), Some("pts/256")),
                (1025, Some("tty1")),
                (1088, None),
                (0x500, None),
            ] {
                assert_eq!(terminal(device).as_deref(), name, "{device}");
            }
        }

        #[test]
        fn git_has_several_processes() {
            for (name, expected) in [
                ("git", true),
                ("git-remote-http", true),
                ("sh", false),
                ("lazygit", false),
                ("gitui", false),
            ] {
                assert_eq!(is_git(name), expected, "{name}");
            }
        }
    }
}

#[cfg(windows)]
mod this {
    use super::LockHolder;
    use std::fs::File;

    /// Nothing tells.
    pub fn lock_holder(_: &File) -> Option<LockHolder> {
        None
    }
}
