//! A program on gitoxide, which runs the helpers itself: `gix fetch URL FOLDER` clones without
//! a work tree; `gix get|store|erase URL` asks them, and then tells them the same back.

use gix::bstr::ByteSlice;
use std::error::Error;
use std::sync::atomic::AtomicBool;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["fetch", url, folder] => {
            gix::prepare_clone_bare(*url, folder)?
                .fetch_only(gix::progress::Discard, &AtomicBool::new(false))?;
            Ok(())
        }
        [operation @ ("get" | "store" | "erase"), url] => ask(operation, url),
        _ => Err("gix fetch URL FOLDER | gix get|store|erase URL".into()),
    }
}

fn ask(operation: &str, url: &str) -> Result<(), Box<dyn Error>> {
    // Nothing but a place to read the configuration from.
    let folder = std::env::temp_dir().join(std::process::id().to_string());
    let repository = gix::init_bare(folder)?;
    let url = gix::url::parse(url.as_bytes().as_bstr())?;
    let (mut helpers, get, prompt) = repository.config_snapshot().credential_helpers(url)?;
    let Some(outcome) = helpers.invoke(get, prompt.clone())? else {
        return Err("no helper answered".into());
    };
    let next = match operation {
        "store" => outcome.next.store(),
        "erase" => outcome.next.erase(),
        _ => {
            println!(
                "{} {}",
                outcome.identity.username, outcome.identity.password
            );
            return Ok(());
        }
    };
    helpers.invoke(next, prompt)?;
    Ok(())
}
