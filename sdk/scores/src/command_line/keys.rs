//! `key` and `sign`: keys in files, and requests signed by them.

use super::Failure;
use super::stored::named;
use crate::identity::PlayerKey;
use crate::server::now;
use crate::signing::{CONTENT_DIGEST, SIGNATURE, SIGNATURE_INPUT, Target};
use data_encoding::HEXLOWER;
use http::Uri;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

#[derive(Debug, clap::Args)]
pub(super) struct Key {
    /// The file: 64 hexadecimal digits, which are a secret
    file: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(super) struct Sign {
    /// The file that `key` made
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// GET, POST, PUT, as the request will have it
    method: String,
    /// The address of the request, as the server is called by it
    url: Uri,
    /// The file with the body, if there is one
    #[arg(long, value_name = "FILE")]
    body: Option<PathBuf>,
}

pub(super) fn key(options: &Key) -> Result<(), Failure> {
    println!("{}", load_or_make(&options.file)?.id());
    Ok(())
}

pub(super) fn sign(options: &Sign) -> Result<(), Failure> {
    let key = load(&options.key)?;
    let body = match &options.body {
        Some(path) => fs::read(path).map_err(|error| named(path, &error))?,
        None => Vec::new(),
    };
    let authority = options.url.authority().ok_or("the URL needs a host: http://host:port/path")?;
    let target = Target {
        method: &options.method,
        authority: authority.as_str(),
        path: options.url.path(),
        query: options.url.query(),
        body: &body,
    };
    let mut nonce = [0; 16];
    getrandom::fill(&mut nonce).map_err(|error| format!("the system has no randomness: {error}"))?;
    let headers = crate::signing::sign(&key, &target, now(), nonce);
    for (name, value) in [
        (CONTENT_DIGEST, headers.content_digest),
        (SIGNATURE_INPUT, headers.signature_input),
        (SIGNATURE, headers.signature),
    ] {
        println!("header = \"{name}: {}\"", value.replace('"', "\\\""));
    }
    Ok(())
}

/// The key in a file.
pub(super) fn load(path: &Path) -> Result<PlayerKey, Failure> {
    let digits = Zeroizing::new(fs::read_to_string(path).map_err(|error| named(path, &error))?);
    let bytes = HEXLOWER.decode(digits.trim().as_bytes()).ok().map(Zeroizing::new);
    let bytes = bytes.and_then(|bytes| Some(Zeroizing::new(<[u8; 32]>::try_from(&bytes[..]).ok()?)));
    let bytes = bytes.ok_or_else(|| format!("{} is no key: 64 of 0-9 and a-f", path.display()))?;
    Ok(PlayerKey::from_bytes(&bytes))
}

/// The key in a file; one that is made, if there is no file.
fn load_or_make(path: &Path) -> Result<PlayerKey, Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = match options.open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return load(path),
        Err(error) => return Err(named(path, &error)),
    };
    let key = PlayerKey::generate()?;
    let digits = Zeroizing::new(HEXLOWER.encode(&*Zeroizing::new(key.to_bytes())));
    writeln!(file, "{}", *digits).and_then(|()| file.sync_all()).map_err(|error| named(path, &error))?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let made = load_or_make(&path).unwrap().id();
        assert_eq!(load_or_make(&path).unwrap().id(), made);
        assert_eq!(load(&path).unwrap().id(), made);
    }

    #[test]
    fn what_is_no_key_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        for text in ["", "abc", &"0".repeat(63), &"g".repeat(64), &"00".repeat(33)] {
            fs::write(&path, text).unwrap();
            assert!(load_or_make(&path).is_err(), "{text}");
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
    }
}
