//! `regrets doctor`: looks at everything that must be so, from this machine by the configuration here,
//! or, with `--url`, has the deployment look.

mod args;
mod here;
pub(super) mod local_folder;
mod mending;
pub(super) mod no_tables;
mod place;
mod tell;
mod there;

use crate::cli::streams::Streams;
use crate::config::Env;
pub(super) use args::DoctorArgs;
use args::Refused;
use place::Place;
use std::io;

pub(super) fn run(args: &DoctorArgs, env: Env, streams: &mut Streams<'_>) -> io::Result<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let found = runtime.block_on(async {
        Ok(match &args.url {
            Some(url) => {
                let (found, there) = there::examine(args, url, &env).await?;
                (found, Some(Place::There(there)))
            }
            None => {
                let (found, here) = here::examine(args, env).await?;
                (found, here.map(Place::Here))
            }
        })
    });
    let (diagnosis, place) = match found {
        Ok(found) => found,
        Err(Refused(why, code)) => return writeln!(streams.err, "regrets doctor: {why}").map(|()| code),
    };
    match (args.json, serde_json::to_string_pretty(&diagnosis)) {
        (true, Ok(text)) => writeln!(streams.out, "{text}")?,
        (true, Err(_)) | (false, _) => write!(streams.out, "{}", tell::tell(&diagnosis))?,
    }
    if let (true, Some(place)) = (args.fix, place) {
        runtime.block_on(mending::offer(args, &diagnosis, &place, streams))?;
    }
    Ok(u8::from(!diagnosis.is_well()))
}
