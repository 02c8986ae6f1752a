//! The stored corpus: one file for each target, `fuzz/corpus/NAME.txt`, with one input a line in base64. libFuzzer
//! needs a folder with a file for each input. This module unpacks into such a folder, and packs it again.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a package lies in the repository").to_owned()
}

fn path_of(target: &str) -> PathBuf {
    root().join("fuzz/corpus").join(format!("{target}.txt"))
}

/// The stored inputs of a target.
pub(crate) fn read(target: &str) -> Result<Vec<Vec<u8>>, String> {
    let path = path_of(target);
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let decode = |(place, line): (usize, &str)| {
        STANDARD_NO_PAD.decode(line).map_err(|error| format!("{}:{}: {error}", path.display(), place + 1))
    };
    text.lines().enumerate().map(decode).collect()
}

/// Writes inputs as a folder of files.
pub(crate) fn unpack(inputs: &[Vec<u8>], folder: &Path) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for (place, input) in inputs.iter().enumerate() {
        let path = folder.join(format!("{place:05}"));
        fs::write(&path, input).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}

/// Stores the files of a folder as a target's corpus, the shortest first, as many as fit; returns how many.
pub(crate) fn pack(target: &str, folder: &Path, bytes_max: usize) -> Result<usize, String> {
    let listing = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut inputs = Vec::new();
    for entry in listing {
        let path = entry.map_err(|error| error.to_string())?.path();
        inputs.push(fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?);
    }
    inputs.sort_by(|one, other| (one.len(), one).cmp(&(other.len(), other)));
    inputs.dedup();
    let mut text = String::new();
    let mut kept = 0;
    for input in inputs {
        let line = STANDARD_NO_PAD.encode(input);
        if text.len() + line.len() + 1 > bytes_max {
            break;
        }
        text.push_str(&line);
        text.push('\n');
        kept += 1;
    }
    let path = path_of(target);
    fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(kept)
}
