//! What Git drives: `get`, `store` and `erase`. Here the other rooms are put together;
//! nothing here knows a status code, a token's form or a D-Bus call.

mod account_question;
mod coming_expiry;
mod erase;
mod get;
mod mark;
mod mistrust;
mod notes;
mod oauth_client;
pub mod pipelines;
mod renewal;
mod session;
mod sign_in;
mod single_flight;
pub mod source;
mod store;
pub mod store_question;

pub use oauth_client::{ClientOrigin, KnownClient};
pub use session::{Session, explain_failure};
pub use sign_in::{SignIn, SignedIn, Unsuccessful};

use crate::bitbucket::{Site, is_credential};
use crate::protocol::{self, Answer, LONGEST_MESSAGE, Request};
use crate::secret::Secret;
use crate::setup::line_options::{self, Options};
use crate::setup::site_options;
use crate::text::notice;
use crate::trace::{self, Harmless};
use std::ffi::OsString;
use std::io::{ErrorKind, Read, Write};

/// What Git asks a helper to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Hand out a credential.
    Get,
    /// Keep one that worked.
    Store,
    /// Forget one that did not.
    Erase,
    /// Say what we understand (Git 2.46).
    Capability,
}

impl Harmless for Operation {
    fn tell(&self, line: &mut String) {
        line.push_str(match self {
            Self::Get => "get",
            Self::Store => "store",
            Self::Erase => "erase",
            Self::Capability => "capability",
        });
    }
}

impl Operation {
    /// The operation is the last argument; everything before it is an option from
    /// `credential.helper`. `None` if a person typed something else.
    pub fn of(arguments: &[OsString]) -> Option<Self> {
        let (operation, options) = arguments.split_last()?;
        if !line_options::are_options(options.iter().map(|word| word.as_encoded_bytes())) {
            return None;
        }
        match operation.to_str()? {
            "get" => Some(Self::Get),
            "store" => Some(Self::Store),
            "erase" => Some(Self::Erase),
            "capability" => Some(Self::Capability),
            _ => None,
        }
    }
}

const TOKEN_IN_URL: &str = "the remote's URL has a token where a user name belongs, and every \
    program that shows the URL shows it; take it out with: git remote set-url";

const UNPRINTABLE: &str = "the credential has a line end or a NUL character inside, which Git \
    cannot be told; enter it anew with:";

/// Does what Git asks with these arguments. Whatever is doubtful ends in silence: Git then
/// asks elsewhere.
pub fn run(
    operation: Operation,
    arguments: &[OsString],
    input: &mut dyn Read,
    output: &mut dyn Write,
) {
    if operation == Operation::Capability {
        // Whoever closed the pipe does not want the answer.
        let _ = output.write_all(protocol::capabilities());
        return;
    }
    let message = read_message(input);
    let Ok(mut request) = protocol::parse(message.expose()) else {
        return;
    };
    let words = words_of_line(arguments);
    let site = match site_options::site(&words) {
        Ok(site) => site,
        // Nobody knows whether it is about this host.
        Err(fault) if operation == Operation::Get => return notice(&line_options::explain(&fault)),
        Err(_) => return,
    };
    if !site.is_asked_for(&request) {
        return;
    }
    let repository = request.path.as_deref();
    let repository = repository.and_then(|path| site.repository(path));
    trace::tell("git asks", &[&operation, &site, &repository]);
    // Some people put a token where the URL has a name: it is not shown, kept or served.
    if request.username().is_some_and(is_credential) {
        if operation != Operation::Get {
            return;
        }
        notice(TOKEN_IN_URL);
        request.username = None;
    }
    let options = match Options::parse(&words) {
        Ok(options) => options,
        Err(fault) => return refuse(operation, &fault, &site, &request, output),
    };
    let session = Session::new(&site, options);
    if let Some(reason) = mistrust::mistrust(&session, &request) {
        trace::tell("options", &[&"not the person's own"]);
        if operation == Operation::Get {
            notice(&reason);
        }
        return;
    }
    match operation {
        Operation::Get => answer(&site, &get::get(&request, session), &request, output),
        Operation::Store => store::store(&request, &session),
        Operation::Erase => erase::erase(&request, &session),
        Operation::Capability => {}
    }
}

/// What stands between our name and the operation in `credential.helper`.
fn words_of_line(arguments: &[OsString]) -> Vec<String> {
    let options = arguments.split_last().map_or(&[][..], |(_, before)| before);
    let words = options.iter();
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect()
}

/// The options cannot be read, so nothing is served or kept, and one line says why. (`store` stays
/// silent: its `get` has said it.)
fn refuse(
    operation: Operation,
    fault: &str,
    site: &Site,
    request: &Request,
    output: &mut dyn Write,
) {
    trace::tell("options", &[&"unreadable"]);
    if operation == Operation::Store {
        return;
    }
    notice(&line_options::explain(fault));
    if operation == Operation::Get && !Session::new(site, Options::default()).others_may_answer() {
        answer(site, &Answer::Quit, request, output);
    }
}

/// Reads up to the blank line that ends a message, since whoever wrote it may wait for the
/// answer with the pipe open; at most one byte more than the parser accepts.
fn read_message(input: &mut dyn Read) -> Secret {
    // Every usual message, and no more: whatever is freed is wiped, page by page.
    let mut message = vec![0; 2 * 1024];
    let (mut seen, mut length) = (0, 0);
    while !protocol::is_ended(&message[..length], seen) && length <= LONGEST_MESSAGE {
        if length == message.len() {
            message.resize((2 * length).min(LONGEST_MESSAGE + 1), 0);
        }
        seen = length;
        match input.read(&mut message[length..]) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // A message that breaks off is truncated, which the parser refuses.
            Err(_) => break,
        }
    }
    message.truncate(length);
    Secret::new(message)
}

fn answer(site: &Site, answer: &Answer, request: &Request, output: &mut dyn Write) {
    let what = match answer {
        Answer::Silence => "nothing",
        Answer::Quit => "quit",
        Answer::Credential(_) => "a credential",
    };
    trace::tell("answer", &[&what]);
    match protocol::write(answer, request.capabilities) {
        Ok(lines) => {
            let _ = output.write_all(lines.expose());
            let _ = output.flush();
        }
        // `get` passes such a credential over; whatever is forgotten there must not be silent.
        Err(protocol::Unprintable) => notice(&format!("{UNPRINTABLE} {}", site.login_command())),
    }
}

#[cfg(test)]
mod tests {
    use super::{Operation, read_message};
    use crate::protocol::LONGEST_MESSAGE;
    use std::ffi::OsString;
    use std::io::Read;

    /// What arrives piece by piece; then the pipe is open, and reading on waits for ever.
    struct OpenPipe<'a>(&'a [&'a [u8]]);

    impl Read for OpenPipe<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let (first, rest) = self.0.split_first().expect("nothing more to wait for");
            let mut first = *first;
            let length = first.read(buffer)?;
            assert!(first.is_empty(), "a piece fits in");
            self.0 = rest;
            Ok(length)
        }
    }

    #[test]
    fn a_blank_line_ends_a_message() {
        for pieces in [
            &[&b"host=a\n\n"[..]][..],
            &[b"host=a\r\n\r\n"],
            &[b"host=a\n\r\n"],
            &[b"\n"],
            &[b"\r\n"],
            &[b"\r", b"\n"],
            &[b"host=a\n", b"\n"],
            &[b"host=a", b"\n", b"\r", b"\n"],
            &[b"host=a\n\npath=b\n"],
            // Nothing comes after the end, either.
            &[b"host=a\n", b""],
            &[b"host=a\n\r", b"\r\n", b""],
            &[b""],
        ] {
            let message = read_message(&mut OpenPipe(pieces));
            assert_eq!(message.expose(), pieces.concat(), "{pieces:?}");
        }
    }

    #[test]
    fn a_message_of_any_length_is_read_and_cut_one_byte_too_late() {
        for (length, read) in [
            (5_000, 5_000),
            (LONGEST_MESSAGE, LONGEST_MESSAGE),
            (2 * LONGEST_MESSAGE, LONGEST_MESSAGE + 1),
        ] {
            let message = read_message(&mut &*vec![b'x'; length]);
            assert_eq!(message.expose().len(), read);
        }
    }

    #[test]
    fn the_operation_is_the_last_argument() {
        for (arguments, expected) in [
            (&["get"][..], Some(Operation::Get)),
            (&["store"], Some(Operation::Store)),
            (&["erase"], Some(Operation::Erase)),
            (&["capability"], Some(Operation::Capability)),
            (&["--store=file", "get"], Some(Operation::Get)),
            (&["--store", "file", "get"], Some(Operation::Get)),
            (&["--store", "get"], Some(Operation::Get)),
            (&["--store", "login"], None),
            (&["login", "--store", "get"], None),
            (&["get", "--help"], None),
            (&["login", "get"], None),
            (&["GET"], None),
            (&["login"], None),
            (&[], None),
        ] {
            let arguments: Vec<OsString> = arguments.iter().map(Into::into).collect();
            assert_eq!(Operation::of(&arguments), expected, "{arguments:?}");
        }
    }
}
