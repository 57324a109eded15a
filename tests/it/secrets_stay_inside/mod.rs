//! Where secrets must never turn up, and what must never run: attacks as their users would
//! meet them, on Bitbucket Cloud and on a company's own server.

mod other_programs;
mod own_process;
mod redirects;
mod scene;
