//! Who can be asked: a person at a terminal, a program in Git's name, or others after us.

use super::Session;
use crate::git;
use crate::helper::pipelines::is_pipelines;
use crate::prompt::{Askpass, Presence, Terminal, Way, is_editor, is_program_s, presence};
use crate::setup::helper_line;

impl Session {
    /// What forbids questions on the terminal, if anything does.
    pub fn forbids_questions(&self) -> Option<&'static str> {
        match self.presence(Way::Terminal) {
            Presence::Nobody(what) => Some(what),
            Presence::Person => None,
        }
    }

    /// The terminal, if someone may be asked and is likely to look at it.
    pub fn person(&self) -> Option<Terminal> {
        if !self.is_attended() {
            return None;
        }
        let terminal = Terminal::open().ok()?;
        let terminal = if is_program_s(variable) {
            terminal.for_logins_only()
        } else {
            terminal
        };
        let unseen = is_editor(variable) || !terminal.is_in_foreground();
        (!unseen || self.askpass().is_none()).then_some(terminal)
    }

    /// The program that asks in Git's name, if someone may be asked and it is the person's.
    pub fn askpass(&self) -> Option<Askpass> {
        match self.find_askpass() {
            git::AskpassSetting::Program(program) if self.allows(Way::Program) => {
                Some(Askpass::new(program, git::command))
            }
            _ => None,
        }
    }

    /// Whether somebody may be asked and can be.
    pub fn somebody_is_there(&self) -> bool {
        self.person().is_some() || self.askpass().is_some()
    }

    fn find_askpass(&self) -> git::AskpassSetting {
        git::AskpassSetting::find(self.config(), |name| std::env::var_os(name))
    }

    /// Whether nothing forbids questions and a terminal is there.
    pub(super) fn is_attended(&self) -> bool {
        self.allows(Way::Terminal) && Terminal::open().is_ok()
    }

    fn allows(&self, way: Way) -> bool {
        self.presence(way) == Presence::Person
    }

    fn presence(&self, way: Way) -> Presence {
        let interactive = self.config().credential(&self.url(), "interactive");
        presence(way, interactive, variable)
    }

    /// Whether Git has somebody else to ask if we stay silent: another helper, or a
    /// program that asks in our place. In Bitbucket Pipelines the clone needs nobody.
    pub fn others_may_answer(&self) -> bool {
        is_pipelines()
            || self.find_askpass() != git::AskpassSetting::Nobody
            || self
                .config()
                .helpers(&self.url())
                .last()
                .is_some_and(|helper| !helper_line::names_us(&helper.value))
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
